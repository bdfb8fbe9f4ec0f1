package state_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/hub/state"
)

// noise is text that does not pack, so that a register takes several chunks.
func noise(r *rand.Rand) string {
	out := make([]byte, 60)
	for i := range out {
		out[i] = byte('a' + r.IntN(26))
	}
	return string(out)
}

func TestRegisters(t *testing.T) {
	s := open(t)
	r := rand.New(rand.NewPCG(1, 2))
	big := state.Register{Name: "biomed", Format: "csv", At: time.Unix(1, 0).UTC(), Who: "admin", Columns: []string{"Asset"}}
	for i := range 30000 {
		big.Entries = append(big.Entries, state.RegisterEntry{Line: i + 2, Fields: map[string]string{"serial": fmt.Sprint(i), "location": noise(r)}})
	}
	other := state.Register{Name: "it", At: time.Unix(2, 0).UTC(), Entries: []state.RegisterEntry{{Line: 2, Fields: map[string]string{"serial": "x"}}}}
	for _, v := range []state.Register{big, other, big} {
		if err := s.PutRegister(t.Context(), v); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.Registers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]state.Register{big, other}, got); diff != "" {
		t.Errorf("(-want +got):\n%.500s", diff)
	}
	ctx, stop := context.WithCancel(t.Context())
	seen := make(chan int, 10)
	done := make(chan error, 1)
	go func() { done <- s.WatchRegisters(ctx, func(all []state.Register) { seen <- len(all) }) }()
	if n := <-seen; n != 2 {
		t.Errorf("the watch began with %d registers", n)
	}
	if err := s.DeleteRegister(t.Context(), "biomed"); err != nil {
		t.Fatal(err)
	}
	if n := <-seen; n != 1 {
		t.Errorf("after a deletion the watch tells %d registers", n)
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if err := s.DeleteRegister(t.Context(), "biomed"); !errors.Is(err, state.ErrNotFound) {
		t.Errorf("deleted twice: %v", err)
	}
	if err := s.PutRegister(t.Context(), state.Register{Name: "a.b"}); err == nil {
		t.Error("a name that is no key was taken")
	}
}
