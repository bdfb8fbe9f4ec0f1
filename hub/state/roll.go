package state

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/internal/mtls"
	"github.com/wardscope/wardscope/internal/subject"
)

// Roll is who may connect now, on every transport: the registered sensors and the denials, kept by a
// watch. A login costs no request, and whoever holds sessions learns at once which to look at
// again. While the watch is away, Admit asks the bucket: it never lets in by old knowledge.
type Roll struct {
	state *State

	mu      sync.Mutex
	fresh   bool // the watch has brought all present values and still runs
	sensors map[model.SensorID]Sensor
	denied  map[model.SensorID]Denial
	changed chan struct{} // closed at the next change
	readers map[*withdrawals]bool
}

// withdrawals are sensors that one reader has yet to look at, bounded by the number of sensors.
type withdrawals struct {
	waiting map[model.SensorID]bool
	ready   chan struct{} // capacity 1
}

// Roll makes one; it knows nothing before Run.
func (s *State) Roll() *Roll {
	return &Roll{
		state: s, sensors: map[model.SensorID]Sensor{}, denied: map[model.SensorID]Denial{}, changed: make(chan struct{}), readers: map[*withdrawals]bool{},
	}
}

// Run keeps the roll until the context ends, and then returns nil.
func (r *Roll) Run(ctx context.Context) error {
	for {
		err := r.follow(ctx)
		r.mu.Lock()
		r.fresh = false
		r.mu.Unlock()
		var syntax *json.SyntaxError
		var kind *json.UnmarshalTypeError
		if errors.As(err, &syntax) || errors.As(err, &kind) {
			return err
		}
		t := time.NewTimer(rewatch)
		select {
		case <-ctx.Done():
			t.Stop()
			return nil
		case <-t.C:
		}
	}
}

func (r *Roll) follow(ctx context.Context) error {
	w, err := r.state.control.WatchFiltered(ctx, []string{subject.Sensors, subject.Denied})
	if err != nil {
		return fmt.Errorf("watch sensors: %w", err)
	}
	defer func() { _ = w.Stop() }()
	sensors, denied := map[model.SensorID]Sensor{}, map[model.SensorID]Denial{}
	for whole := false; ; {
		select {
		case <-ctx.Done():
			return nil
		case e, open := <-w.Updates():
			if !open {
				return errors.New("watch sensors: the server closed it")
			}
			if e == nil {
				whole = true
			} else if err := enter(e, sensors, denied); err != nil {
				return err
			}
			if whole {
				r.take(sensors, denied)
			}
		}
	}
}

// enter brings one document into the maps.
func enter(e jetstream.KeyValueEntry, sensors map[model.SensorID]Sensor, denied map[model.SensorID]Denial) (err error) {
	_, name, _ := strings.Cut(e.Key(), ".")
	id, put := model.SensorID(name), e.Operation() == jetstream.KeyValuePut
	if e.Key() == subject.DenyKey(id) {
		var d Denial
		if delete(denied, id); put {
			err = json.Unmarshal(e.Value(), &d)
			denied[id] = d
		}
	} else {
		var s Sensor
		if delete(sensors, id); put {
			err = json.Unmarshal(e.Value(), &s)
			sensors[id] = s
		}
	}
	if err != nil {
		return fmt.Errorf("watch sensors: %s: %w", e.Key(), err)
	}
	return nil
}

// take makes the maps' content the present one, and tells readers who lost something by it.
func (r *Roll) take(sensors map[model.SensorID]Sensor, denied map[model.SensorID]Denial) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var lost []model.SensorID
	for id := range denied {
		if _, was := r.denied[id]; !was {
			lost = append(lost, id)
		}
	}
	for id, old := range r.sensors {
		now := sensors[id]
		for _, c := range old.Certificates {
			ended := !c.Expires.IsZero() && c.Expires.Before(time.Now()) // its sessions have ended with it
			if now.Site != old.Site || !ended && !now.holds(c.Serial) {
				lost = append(lost, id)
				break
			}
		}
	}
	r.sensors, r.denied, r.fresh = maps.Clone(sensors), maps.Clone(denied), true
	close(r.changed)
	r.changed = make(chan struct{})
	for reader := range r.readers {
		reader.add(lost)
	}
}

func (w *withdrawals) add(ids []model.SensorID) {
	for _, id := range ids {
		w.waiting[id] = true
	}
	if len(w.waiting) > 0 {
		select {
		case w.ready <- struct{}{}:
		default: // it is about to look
		}
	}
}

// Withdrawn calls fn, one call at a time, with each sensor that may have lost its admission: shut
// out, or left with fewer certificates. Those that are shut out already come first. Whoever holds
// sessions of the sensor asks Admit for each of them again, and cuts those that are refused. It
// returns nil when the context ends.
func (r *Roll) Withdrawn(ctx context.Context, fn func(id model.SensorID)) error {
	mine := &withdrawals{waiting: map[model.SensorID]bool{}, ready: make(chan struct{}, 1)}
	r.mu.Lock()
	r.readers[mine] = true
	for id := range r.denied {
		mine.add([]model.SensorID{id})
	}
	r.mu.Unlock()
	defer func() {
		r.mu.Lock()
		delete(r.readers, mine)
		r.mu.Unlock()
	}()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-mine.ready:
		}
		r.mu.Lock()
		ids := make([]model.SensorID, 0, len(mine.waiting))
		for id := range mine.waiting {
			ids = append(ids, id)
		}
		clear(mine.waiting)
		r.mu.Unlock()
		slices.Sort(ids)
		for _, id := range ids {
			fn(id)
		}
	}
}

// AwaitDenial waits until this hub refuses a sensor that was denied.
func (r *Roll) AwaitDenial(ctx context.Context, id model.SensorID) error {
	for {
		r.mu.Lock()
		_, there := r.denied[id]
		changed := r.changed
		r.mu.Unlock()
		if there {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for the denial of sensor %s: %w", id, ctx.Err())
		case <-changed:
		}
	}
}

// Admit says whether the holder of a verified certificate may be connected: nil, ErrNotAdmitted
// with the reason, or the error of the look-up.
func (r *Roll) Admit(ctx context.Context, id mtls.Identity, serial string) error {
	r.mu.Lock()
	fresh := r.fresh
	sensor, registered := r.sensors[id.Sensor]
	_, denied := r.denied[id.Sensor]
	r.mu.Unlock()
	if fresh && !denied && admitted(id, serial, sensor, registered) == nil {
		return nil
	}
	// A sensor may come before the watch has brought its registration: only the bucket refuses.
	return r.state.Admit(ctx, id, serial)
}
