package api_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/internal/model"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

// anAddressTwice lets a pump have an address, a cart have it meanwhile, and the pump again:
// each moment has its own answer, although claims are added up.
func anAddressTwice(t *testing.T, h *hub) {
	t.Helper()
	s := &hospitalStore{t: t}
	const pump, cart = 0x0003b1000021, 0x0003b1000022
	for hour, mac := range map[int]model.MAC{-60: pump, -58: pump, -40: cart, -30: cart, -10: pump, -5: pump} {
		s.claim("north", mac, "10.1.9.5", model.KindAddressBinding, "dhcp.yiaddr", "10.1.9.5")
		s.claim("north", mac, "10.1.9.5", model.KindHostname, "dhcp.option12", map[model.MAC]string{pump: "pump-9", cart: "cart-9"}[mac])
		for i := len(s.g.Observations) - 2; i < len(s.g.Observations); i++ {
			at := now.Add(time.Duration(hour) * time.Hour).UnixNano()
			s.g.Observations[i].First, s.g.Observations[i].Last, s.g.Observations[i].Sequence = at, at, 3
		}
	}
	s.g.Batches = []store.BatchRow{{Stamp: s.g.Observations[0].Stamp, SealedAt: now.UnixNano(), Version: "1.0"}}
	s.g.Token = "t/1/0/3-3/stays"
	if err := h.store.InsertGroup(t.Context(), s.g); err != nil {
		t.Fatal(err)
	}
	if err := h.keeper.Resolve(t.Context()); err != nil {
		t.Fatal(err)
	}
	c := h.dial(t, secret)
	ask := func(at *timestamppb.Timestamp) (out []string) {
		t.Helper()
		answer, err := c.Devices.FindAddress(t.Context(), &hubv1.FindAddressRequest{Address: "10.1.9.5", At: at})
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range answer.GetBindings() {
			out = append(out, fmt.Sprintf("%s %.0f to %.0f", b.GetDevice().GetName(), b.GetFirstSeen().AsTime().Sub(now).Hours(), b.GetLastSeen().AsTime().Sub(now).Hours()))
		}
		return out
	}
	if diff := cmp.Diff([]string{"pump-9 -10 to -5", "cart-9 -40 to -30", "pump-9 -60 to -58"}, ask(nil)); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
	for hour, want := range map[int]string{-59: "pump-9 -60 to -58", -35: "cart-9 -40 to -30", -50: "pump-9 -60 to -58", -7: "pump-9 -10 to -5", -20: "cart-9 -40 to -30", -1: "pump-9 -10 to -5"} {
		if got := ask(timestamppb.New(now.Add(time.Duration(hour) * time.Hour))); len(got) != 1 || got[0] != want {
			t.Errorf("%d hours: got %v, want %s", hour, got, want)
		}
	}
}
