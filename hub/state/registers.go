package state

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/internal/subject"
)

// Register is an asset register or a maker's disclosure as imported last.
type Register struct {
	Name    string          `json:"name"` // [a-z0-9-]
	Format  string          `json:"format"`
	At      time.Time       `json:"at"`
	Who     string          `json:"who"`
	Mapping string          `json:"mapping"`           // as given, for the write-back
	Columns []string        `json:"columns,omitempty"` // the register's own, in its order
	Entries []RegisterEntry `json:"entries"`
}

// RegisterEntry is one line of a register.
type RegisterEntry struct {
	Line   int               `json:"line"`
	Fields map[string]string `json:"fields"`
}

// registerHead says which chunks are a register.
type registerHead struct {
	Name       string    `json:"name"`
	At         time.Time `json:"at"`
	Entries    int       `json:"entries"`
	Generation uint64    `json:"generation"`
	Chunks     int       `json:"chunks"`
}

const (
	registerChunk = 512 << 10 // bytes a document; the server takes 2 MiB
	maxRegister   = 64 << 20  // bytes of a register, unpacked
)

// PutRegister replaces a register by its name. Readers see the old one or the new one, whole.
func (s *State) PutRegister(ctx context.Context, r Register) error {
	if err := model.CheckID("register", r.Name); err != nil {
		return err
	}
	packed, err := pack(r)
	if err != nil {
		return fmt.Errorf("write register %s: %w", r.Name, err)
	}
	old, revision, err := get[registerHead](ctx, s.control, subject.RegisterHead(r.Name))
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	head := registerHead{Name: r.Name, At: r.At, Entries: len(r.Entries), Generation: old.Generation + 1}
	for chunk := range slices.Chunk(packed, registerChunk) {
		if _, err := s.control.Put(ctx, subject.RegisterChunk(r.Name, head.Generation, head.Chunks), chunk); err != nil {
			return fmt.Errorf("write register %s: %w", r.Name, err)
		}
		head.Chunks++
	}
	if _, err := put(ctx, s.control, subject.RegisterHead(r.Name), head, revision); err != nil {
		return errors.Join(err, s.purgeChunks(ctx, head))
	}
	return s.purgeChunks(ctx, old)
}

func pack(r Register) ([]byte, error) {
	text, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	if len(text) > maxRegister {
		return nil, fmt.Errorf("it has %d bytes, more than %d: import one register a site", len(text), maxRegister)
	}
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := z.Write(text); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func (s *State) purgeChunks(ctx context.Context, h registerHead) error {
	var errs []error
	for i := range h.Chunks {
		errs = append(errs, s.control.Purge(ctx, subject.RegisterChunk(h.Name, h.Generation, i)))
	}
	return errors.Join(errs...)
}

// DeleteRegister forgets a register; ErrNotFound when there is none.
func (s *State) DeleteRegister(ctx context.Context, name string) error {
	if err := model.CheckID("register", name); err != nil {
		return err
	}
	head, revision, err := get[registerHead](ctx, s.control, subject.RegisterHead(name))
	if err != nil {
		return err
	}
	if err := s.control.Purge(ctx, subject.RegisterHead(name), jetstream.LastRevision(revision)); err != nil {
		return fmt.Errorf("delete register %s: %w", name, plain(err))
	}
	return s.purgeChunks(ctx, head)
}

// Registers reads every register, by name.
func (s *State) Registers(ctx context.Context) ([]Register, error) {
	for {
		heads, err := list[registerHead](ctx, s.control, subject.RegisterHeads)
		if err != nil {
			return nil, err
		}
		out, err := s.unpackAll(ctx, heads)
		if !errors.Is(err, ErrNotFound) {
			return out, err
		}
		// Replaced while it was read: the new head is there already.
	}
}

func (s *State) unpackAll(ctx context.Context, heads []registerHead) ([]Register, error) {
	var out []Register
	for _, h := range heads {
		r, err := s.unpack(ctx, h)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b Register) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

func (s *State) unpack(ctx context.Context, h registerHead) (r Register, err error) {
	var packed bytes.Buffer
	for i := range h.Chunks {
		e, err := s.control.Get(ctx, subject.RegisterChunk(h.Name, h.Generation, i))
		if err != nil {
			return r, fmt.Errorf("read register %s: %w", h.Name, plain(err))
		}
		packed.Write(e.Value())
	}
	z, err := gzip.NewReader(&packed)
	if err != nil {
		return r, fmt.Errorf("read register %s: %w", h.Name, err)
	}
	text, err := io.ReadAll(io.LimitReader(z, maxRegister))
	if err != nil {
		return r, fmt.Errorf("read register %s: %w", h.Name, err)
	}
	if err := json.Unmarshal(text, &r); err != nil {
		return r, fmt.Errorf("read register %s: %w", h.Name, err)
	}
	return r, nil
}

// WatchRegisters calls fn with all registers now and after each import, until the context ends.
func (s *State) WatchRegisters(ctx context.Context, fn func([]Register)) error {
	for {
		err := s.watchRegisters(ctx, fn)
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

func (s *State) watchRegisters(ctx context.Context, fn func([]Register)) error {
	w, err := s.control.Watch(ctx, subject.RegisterHeads)
	if err != nil {
		return fmt.Errorf("watch registers: %w", err)
	}
	defer func() { _ = w.Stop() }()
	for begun := false; ; {
		select {
		case <-ctx.Done():
			return nil
		case e, open := <-w.Updates():
			if !open {
				return errors.New("watch registers: the server closed it")
			}
			begun = begun || e == nil
			if !begun {
				continue
			}
			all, err := s.Registers(ctx)
			if err != nil {
				return err
			}
			fn(all)
		}
	}
}
