//go:build linux

package afpacket

import (
	"errors"
	"fmt"
	"net"
	"time"

	"golang.org/x/sys/unix"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/capture"
)

// GoneError says that an interface went away for good: its socket has to be opened anew, which
// needs privileges that were dropped, so the sensor exits and is started again.
type GoneError struct{ Interface string }

func (e *GoneError) Error() string {
	return fmt.Sprintf("capture %s: the interface is gone", e.Interface)
}

// Source reads the rings of one worker.
type Source struct {
	domain model.DomainID
	rings  []*ring
	polls  []unix.PollFd
	poll   int   // milliseconds
	hold   int64 // nanoseconds that a frame waits for earlier ones of other rings
	link   *linkCounters
	looked time.Time // when it was last made sure that the interfaces exist
}

var _ capture.Grouper = (*Source)(nil)

// Open opens the interfaces and returns one Source a worker. All frames of a flow come to one
// worker. Interface and softnet drops are in the first Source's Stats only.
func Open(cfg Config) ([]*Source, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	filter, err := parseFilter(cfg.Filter)
	if err != nil {
		return nil, err
	}
	sources := make([]*Source, cfg.Workers)
	for i := range sources {
		sources[i] = &Source{domain: cfg.Domain, poll: int(cfg.Poll / time.Millisecond)}
	}
	for _, name := range cfg.Interfaces {
		group := newGroup
		for _, s := range sources {
			r, err := openRing(name, cfg, filter)
			if err == nil {
				s.rings = append(s.rings, r)
				if cfg.Workers > 1 {
					group, err = r.join(group)
				}
			}
			if err != nil {
				for _, opened := range sources {
					_ = opened.Close()
				}
				return nil, err
			}
		}
	}
	for _, s := range sources {
		s.polls = make([]unix.PollFd, 0, len(s.rings))
		if len(s.rings) > 1 {
			s.hold = 2 * int64(cfg.Retire)
		}
	}
	sources[0].link = newLinkCounters(cfg.Interfaces)
	return sources, nil
}

// Next fills f with the earliest frame. 0 allocs/op: TestTaggedAllocs.
func (s *Source) Next(f *capture.Frame) error {
	for waited := false; ; waited = true {
		best, missing := -1, false
		var earliest int64
		for i, r := range s.rings {
			if !r.ready() {
				missing = true
				continue
			}
			if t := r.time(); best < 0 || t < earliest {
				best, earliest = i, t
			}
		}
		// An earlier frame may still sit in another ring's open block: wait for it, but not for long.
		if best >= 0 && (!missing || s.ripe(earliest)) {
			s.rings[best].read(f)
			f.Domain, f.Interface = s.domain, best
			return nil
		}
		if best < 0 && waited {
			return s.idle()
		}
		timeout := s.poll
		if best >= 0 {
			timeout = max(1, int(s.hold/4/int64(time.Millisecond)))
		}
		if err := s.wait(timeout); err != nil {
			return err
		}
	}
}

// Beside reports that the next frame lies in the block of the last one, so that Next gives no block
// back. With several rings the next frame may be in another's.
func (s *Source) Beside() bool { return len(s.rings) == 1 && s.rings[0].left > 0 }

// ripe reports that a frame waited long enough, or that the clock was set back after it came.
func (s *Source) ripe(at int64) bool {
	age := time.Now().UnixNano() - at
	return age >= s.hold || age < -s.hold
}

// wait sleeps until a ring that has nothing gets a block, or the time is over.
func (s *Source) wait(milliseconds int) error {
	s.polls = s.polls[:0]
	for _, r := range s.rings {
		if r.left == 0 {
			s.polls = append(s.polls, unix.PollFd{Fd: int32(r.fd), Events: unix.POLLIN | unix.POLLERR})
		}
	}
	if _, err := unix.Poll(s.polls, milliseconds); err != nil && !errors.Is(err, unix.EINTR) {
		return fmt.Errorf("wait for frames: %w", err)
	}
	for _, p := range s.polls {
		if p.Revents&(unix.POLLERR|unix.POLLNVAL) != 0 {
			return s.fault(int(p.Fd))
		}
	}
	return nil
}

const lookEvery = 500 * time.Millisecond

// idle is the answer when no frame came. A socket whose interface vanished while its link was
// down hears nothing of it, so that has to be looked at.
func (s *Source) idle() error {
	if now := time.Now(); now.Sub(s.looked) > lookEvery {
		s.looked = now
		for _, r := range s.rings {
			if _, err := net.InterfaceByIndex(r.index); err != nil {
				return &GoneError{Interface: r.name}
			}
		}
	}
	return capture.ErrTimeout
}

// fault looks into a socket's error: a link that is down comes back by itself.
func (s *Source) fault(fd int) error {
	code, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ERROR)
	if err == nil && code == 0 {
		return nil
	}
	for _, r := range s.rings {
		if r.fd != fd {
			continue
		}
		if _, err := net.InterfaceByIndex(r.index); err != nil {
			return &GoneError{Interface: r.name}
		}
		if unix.Errno(code) != unix.ENETDOWN {
			return fmt.Errorf("capture %s: %w", r.name, unix.Errno(code))
		}
	}
	return nil
}

// Stats returns the counters since Open. It may be called from any goroutine; call it once a second.
func (s *Source) Stats() capture.Stats {
	var sum capture.Stats
	for _, r := range s.rings {
		drops, freezes := r.count()
		sum.KernelDrops += drops
		sum.Freezes += freezes
		sum.Frames += r.frames.Load()
		sum.Octets += r.octets.Load()
	}
	if s.link != nil {
		sum.InterfaceDrops, sum.SoftnetDrops = s.link.drops()
	}
	return sum
}

// RingStats are the counters of one ring since Open.
type RingStats struct {
	Interface      string
	Frames         uint64
	Drops, Freezes uint64
}

// Rings returns the counters of each ring. It may be called from any goroutine.
func (s *Source) Rings() []RingStats {
	all := make([]RingStats, len(s.rings))
	for i, r := range s.rings {
		drops, freezes := r.count()
		all[i] = RingStats{Interface: r.name, Frames: r.frames.Load(), Drops: drops, Freezes: freezes}
	}
	return all
}

// Close closes the rings. Next must not be under way.
func (s *Source) Close() error {
	var errs []error
	for _, r := range s.rings {
		errs = append(errs, r.close())
	}
	s.rings = nil
	return errors.Join(errs...)
}
