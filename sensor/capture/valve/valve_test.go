package valve_test

import (
	"context"
	"errors"
	"io"
	"testing"

	"github.com/wardscope/wardscope/sensor/capture"
	"github.com/wardscope/wardscope/sensor/capture/valve"
)

// frames gives n numbered frames, then nothing.
type frames struct {
	next, n int
	link    capture.LinkType
}

func (f *frames) Next(into *capture.Frame) error {
	if f.next == f.n {
		return capture.ErrTimeout
	}
	f.next++
	into.Data, into.LinkType = []byte{byte(f.next)}, f.link
	return nil
}
func (f *frames) Stats() capture.Stats { return capture.Stats{Frames: uint64(f.next)} }
func (f *frames) Close() error         { return nil }

func TestPausedLiveFramesAreForgotten(t *testing.T) {
	v := valve.New()
	source := &frames{n: 100}
	s := v.On(t.Context(), source, true)
	var f capture.Frame
	if err := s.Next(&f); err != nil || f.Data[0] != 1 {
		t.Fatalf("open: frame %v, %v", f.Data, err)
	}
	if !v.Set(true) || v.Set(true) {
		t.Error("shutting changes something once")
	}
	for source.next < source.n {
		if err := s.Next(&f); !errors.Is(err, capture.ErrTimeout) {
			t.Fatalf("shut: %v", err)
		}
	}
	v.Set(false)
	source.n++
	if err := s.Next(&f); err != nil || f.Data[0] != 101 {
		t.Errorf("open again: frame %v, %v; want the one that came after", f.Data, err)
	}
}

func TestPausedFileWaitsAndEndsWithTheSensor(t *testing.T) {
	v := valve.New()
	ctx, cancel := context.WithCancel(t.Context())
	s := v.On(ctx, &frames{n: 2}, false)
	v.Set(true)
	got := make(chan byte)
	go func() {
		var f capture.Frame
		if s.Next(&f) == nil {
			got <- f.Data[0]
		}
	}()
	v.Set(false)
	if n := <-got; n != 1 {
		t.Errorf("got frame %d, want the first: a file loses none", n)
	}
	v.Set(true)
	cancel()
	var f capture.Frame
	if err := s.Next(&f); !errors.Is(err, io.EOF) {
		t.Errorf("at the end: %v", err)
	}
}

// Of live Ethernet frames those to everybody are counted.
func TestGroupFramesAreCounted(t *testing.T) {
	for _, c := range []struct {
		live bool
		want uint64
	}{{true, 3}, {false, 0}} {
		s := valve.New().On(t.Context(), &frames{n: 5, link: capture.LinkEthernet}, c.live)
		var f capture.Frame
		for range 5 {
			if err := s.Next(&f); err != nil {
				t.Fatal(err)
			}
		}
		if got := s.Stats(); got.Group != c.want || got.Frames != 5 { // 1, 3 and 5 have the group bit
			t.Errorf("live %v: got %+v", c.live, got)
		}
	}
}
