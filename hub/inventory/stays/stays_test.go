package stays_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/hub/inventory/stays"
	"github.com/wardscope/wardscope/internal/model"
)

const hour = int64(time.Hour)

var address = model.AddrFrom4([]byte{10, 0, 0, 5})

func had(device string, mac model.MAC, first, last int64) inventory.Binding {
	return inventory.Binding{Device: device, Realm: "a", Addr: address, MAC: mac, First: first * hour, Last: last * hour}
}

func seen(mac model.MAC, hours ...int64) (out []stays.Seen) {
	for _, h := range hours {
		out = append(out, stays.Seen{Realm: "a", MAC: mac, First: h * hour, Last: h*hour + hour/4})
	}
	return out
}

func text(bs []inventory.Binding) (out []string) {
	for _, b := range bs {
		out = append(out, fmt.Sprintf("%s %d-%d", b.Device, b.First/hour, b.Last/hour))
	}
	return out
}

func TestStays(t *testing.T) {
	for _, c := range []struct {
		name     string
		bindings []inventory.Binding
		seen     []stays.Seen
		want     []string
		at       map[int64]string
	}{
		{"had it, lost it, got it again", []inventory.Binding{had("pump", 1, 0, 30), had("cart", 2, 10, 19)}, append(seen(1, 0, 2, 25, 30), seen(2, 10, 12, 19)...),
			[]string{"pump 25-30", "cart 10-19", "pump 0-2"}, map[int64]string{1: "pump 0-2", 15: "cart 10-19", 27: "pump 25-30", 40: "pump 25-30", 4: "pump 0-2"}},
		{"nobody had it between", []inventory.Binding{had("pump", 1, 0, 60)}, seen(1, 0, 2, 59, 60), []string{"pump 59-60", "pump 0-2"}, map[int64]string{10: "pump 0-2", 50: "pump 59-60"}},
		{"a night's silence is no loss", []inventory.Binding{had("pump", 1, 0, 12)}, seen(1, 0, 11), []string{"pump 0-12"}, map[int64]string{6: "pump 0-12"}},
		{"two claim it at once: nobody lost it", []inventory.Binding{had("pump", 1, 0, 6), had("thief", 2, 2, 4)}, append(seen(1, 0, 1, 2, 3, 4, 5, 6), stays.Seen{Realm: "a", MAC: 2, First: 2 * hour, Last: 4 * hour}),
			[]string{"pump 0-6", "thief 2-4"}, map[int64]string{5: "pump 0-6"}},
		{"seen by flows longer than told", []inventory.Binding{had("pump", 1, 0, 9)}, seen(1, 3), []string{"pump 0-9"}, nil},
		{"behind a router", []inventory.Binding{had("far", 0, 0, 9)}, seen(1, 3), []string{"far 0-9"}, nil},
		{"another realm", []inventory.Binding{had("pump", 1, 0, 60)}, []stays.Seen{{Realm: "b", MAC: 1, First: 0, Last: 1}}, []string{"pump 0-60"}, nil},
	} {
		rand.Shuffle(len(c.seen), func(i, k int) { c.seen[i], c.seen[k] = c.seen[k], c.seen[i] })
		got := stays.Split(c.bindings, c.seen)
		if diff := cmp.Diff(c.want, text(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
		for at, want := range c.at {
			if now := text(stays.At(got, at*hour)); len(now) == 0 || now[0] != want {
				t.Errorf("%s: at %d: got %v, want %s", c.name, at, now, want)
			}
		}
	}
}

func TestEachRealmAnswers(t *testing.T) {
	b := had("other", 9, 0, 5)
	b.Realm = "b"
	got := text(stays.At([]inventory.Binding{had("pump", 1, 0, 2), b}, 9*hour))
	if diff := cmp.Diff([]string{"other 0-5", "pump 0-2"}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
