package valve

import (
	"context"
	"io"
	"sync"
	"sync/atomic"

	"github.com/wardscope/wardscope/sensor/capture"
)

// Valve stops and starts what the sources of a sensor let through. Live frames that come while it
// is shut are taken and forgotten, so that none of them is seen later; a file waits.
type Valve struct {
	mu   sync.Mutex
	open chan struct{} // closed while frames pass; guarded by mu
	shut bool          // guarded by mu
}

// New makes one that is open.
func New() *Valve {
	v := &Valve{open: make(chan struct{})}
	close(v.open)
	return v
}

// Set shuts or opens the valve and reports whether that changed anything.
func (v *Valve) Set(shut bool) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.shut == shut {
		return false
	}
	if v.shut = shut; shut {
		v.open = make(chan struct{})
	} else {
		close(v.open)
	}
	return true
}

// Shut reports whether it is shut.
func (v *Valve) Shut() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.shut
}

func (v *Valve) passing() <-chan struct{} {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.open
}

// On puts the valve on a source.
func (v *Valve) On(ctx context.Context, s capture.Source, live bool) capture.Source {
	valved := &valvedSource{Source: s, valve: v, ended: ctx.Done(), live: live}
	if g, ok := s.(capture.Grouper); ok {
		return &valvedGrouper{valvedSource: valved, group: g}
	}
	return valved
}

type valvedSource struct {
	capture.Source
	valve *Valve
	ended <-chan struct{}
	live  bool
	group atomic.Uint64 // frames to broadcast and multicast addresses
}

// Next passes frames on while the valve is open.
func (s *valvedSource) Next(f *capture.Frame) error {
	open := s.valve.passing()
	select {
	case <-open:
		return s.next(f)
	default:
	}
	if s.live {
		for range forgetAtOnce {
			if err := s.next(f); err != nil {
				return err
			}
			if !s.valve.Shut() {
				return nil
			}
		}
		return capture.ErrTimeout // the caller looks at clock and context
	}
	select {
	case <-open:
		return s.Source.Next(f)
	case <-s.ended:
		return io.EOF
	}
}

// next counts what goes to everybody: a mirror that shows little else is none.
func (s *valvedSource) next(f *capture.Frame) error {
	err := s.Source.Next(f)
	if err == nil && s.live && f.LinkType == capture.LinkEthernet && len(f.Data) > 0 && f.Data[0]&1 == 1 {
		s.group.Add(1)
	}
	return err
}

// Stats adds what the valve counted.
func (s *valvedSource) Stats() capture.Stats {
	out := s.Source.Stats()
	out.Group = s.group.Load()
	return out
}

// forgetAtOnce is how many frames are forgotten before the caller gets a turn.
const forgetAtOnce = 64

type valvedGrouper struct {
	*valvedSource
	group capture.Grouper
}

// Beside is false while the valve is shut: no frame passes then.
func (s *valvedGrouper) Beside() bool { return !s.valve.Shut() && s.group.Beside() }
