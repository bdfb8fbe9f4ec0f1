package state

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/internal/subject"
)

// CorrectionKind is what a person decided.
type CorrectionKind string

// The kinds.
const (
	CorrectionSet   CorrectionKind = "set"   // an attribute has this value; empty gives it back to evidence
	CorrectionJoin  CorrectionKind = "join"  // the others are part of the subject's device
	CorrectionSplit CorrectionKind = "split" // the subject is none of the others' device
	CorrectionUndo  CorrectionKind = "undo"  // an earlier decision has no effect any more
)

// Anchor is the endpoint that a decision names: it outlives device ids.
type Anchor struct {
	Realm model.Realm `json:"realm"`
	MAC   model.MAC   `json:"mac,omitempty"`
	Addr  model.Addr  `json:"addr,omitzero"`
	Part  string      `json:"part,omitempty"`
}

// Correction is one decision about devices. It is written once and never changed.
type Correction struct {
	ID        uint64         `json:"id"` // from 1, in the order of the decisions
	At        time.Time      `json:"at"`
	Who       string         `json:"who"`
	Why       string         `json:"why,omitempty"`
	Kind      CorrectionKind `json:"kind"`
	Device    string         `json:"device,omitempty"` // its id when it was decided
	Other     string         `json:"other,omitempty"`  // join: the other device's id then
	Subject   Anchor         `json:"subject,omitzero"`
	Others    []Anchor       `json:"others,omitempty"`
	Attribute string         `json:"attribute,omitempty"`
	Value     string         `json:"value,omitempty"`
	Before    string         `json:"before,omitempty"` // value that the device had
	Undoes    uint64         `json:"undoes,omitempty"`
}

// Validate reports all faults at once.
func (c Correction) Validate() error {
	var errs []error
	if c.Who == "" {
		errs = append(errs, errors.New("who: is empty"))
	}
	if len(c.Why) > model.MaxText {
		errs = append(errs, fmt.Errorf("why: is over %d bytes", model.MaxText))
	}
	switch c.Kind {
	case CorrectionSet:
		if c.Attribute == "" {
			errs = append(errs, errors.New("attribute: is empty"))
		}
		if len(c.Value) > model.MaxText {
			errs = append(errs, fmt.Errorf("value: is over %d bytes", model.MaxText))
		}
	case CorrectionJoin, CorrectionSplit:
		if len(c.Others) == 0 {
			errs = append(errs, errors.New("others: is empty"))
		}
	case CorrectionUndo:
		if c.Undoes == 0 {
			errs = append(errs, errors.New("undoes: is empty"))
		}
	default:
		errs = append(errs, fmt.Errorf("kind: %q is not known", c.Kind))
	}
	return errors.Join(errs...)
}

// AddCorrection writes a decision down under the next number, which it returns.
func (s *State) AddCorrection(ctx context.Context, c Correction) (uint64, error) {
	if err := c.Validate(); err != nil {
		return 0, err
	}
	for {
		all, err := s.Corrections(ctx)
		if err != nil {
			return 0, err
		}
		c.ID = 1
		if len(all) > 0 {
			c.ID = all[len(all)-1].ID + 1
		}
		_, err = put(ctx, s.control, subject.CorrectionKey(c.ID), c, 0)
		if err == nil {
			return c.ID, nil
		}
		if !errors.Is(err, ErrConflict) {
			return 0, err
		}
	}
}

// Corrections lists every decision, oldest first.
func (s *State) Corrections(ctx context.Context) ([]Correction, error) {
	all, err := list[Correction](ctx, s.control, subject.Corrections)
	sortCorrections(all)
	return all, err
}

func sortCorrections(all []Correction) {
	slices.SortFunc(all, func(a, b Correction) int { return int(a.ID) - int(b.ID) })
}

// WatchCorrections calls fn with all decisions now and after each new one, until the context ends.
// A watch that breaks off begins anew.
func (s *State) WatchCorrections(ctx context.Context, fn func([]Correction)) error {
	for {
		err := s.watchCorrections(ctx, fn)
		if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
			return syntax
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

func (s *State) watchCorrections(ctx context.Context, fn func([]Correction)) error {
	w, err := s.control.Watch(ctx, subject.Corrections, jetstream.IgnoreDeletes())
	if err != nil {
		return fmt.Errorf("watch corrections: %w", err)
	}
	defer func() { _ = w.Stop() }()
	var all []Correction
	for begun := false; ; {
		select {
		case <-ctx.Done():
			return nil
		case e, open := <-w.Updates():
			switch {
			case !open:
				return errors.New("watch corrections: the server closed it")
			case e == nil:
				begun = true
			default:
				var c Correction
				if err := json.Unmarshal(e.Value(), &c); err != nil {
					return fmt.Errorf("watch corrections: %s: %w", e.Key(), err)
				}
				all = append(all, c)
			}
			if begun {
				sortCorrections(all)
				fn(slices.Clone(all))
			}
		}
	}
}
