package lifecycle

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/internal/model"
)

// Event is one thing that happened to a device.
type Event struct {
	At     time.Time
	What   string // first seen, last seen, came back, name, firmware, address, VLAN, …
	From   string // value before; "" when there was none
	To     string
	Source string // protocol and field, or how it is known
}

// Sources of events that no claim tells.
const (
	bySight = "seen on the network"
	byFlows = "days without any packet"
)

// watched are the kinds of claims whose change is told, and what they are called.
var watched = map[model.Kind]string{
	model.KindHostname: "name", model.KindFirmware: "firmware", model.KindOS: "operating system", model.KindModel: "model", model.KindSerial: "serial number",
}

// Input is what a history is made of.
type Input struct {
	Device    *inventory.Device
	Claims    []inventory.Claim    // about the device's endpoints
	Sightings []inventory.Sighting // of its own link addresses
	Bindings  []inventory.Binding  // of the device
	Days      []time.Time          // on which its addresses sent, ascending
	Patience  *Patience
}

// span is for how long a value was claimed.
type span struct {
	value, source string
	first, last   int64
}

// History tells what happened to a device, oldest first.
func History(in *Input) []Event {
	d := in.Device
	out := []Event{{At: time.Unix(0, d.First).UTC(), What: "first seen", To: place(d), Source: bySight}}
	spans := map[string][]span{}
	for i := range in.Claims {
		c := &in.Claims[i]
		if what := watched[c.Kind]; what != "" && c.Subject.Part == d.Part {
			// Sources differ in how they spell a value, so each is followed by itself.
			key := what + "\x00" + c.Source
			spans[key] = append(spans[key], span{c.Value, c.Source, c.First, c.Last})
		}
	}
	for i := range in.Sightings {
		s := &in.Sightings[i]
		spans["VLAN\x00"] = append(spans["VLAN\x00"], span{strconv.Itoa(int(s.VLAN)), bySight, s.First, s.Last})
	}
	for _, b := range in.Bindings {
		if !b.Addr.IsZero() && b.Addr.Is4() {
			spans["address\x00"] = append(spans["address\x00"], span{b.Addr.String(), bySight, b.First, b.Last})
		}
	}
	for key, list := range spans {
		what, _, _ := strings.Cut(key, "\x00")
		out = append(out, changes(what, list)...)
	}
	out = append(out, returns(in.Days, in.Patience)...)
	out = append(out, Event{At: time.Unix(0, d.Last).UTC(), What: "last seen", To: place(d), Source: bySight})
	slices.SortFunc(out, func(a, b Event) int {
		return cmp.Or(a.At.Compare(b.At), rank(a.What)-rank(b.What), strings.Compare(a.What, b.What), strings.Compare(a.To, b.To), strings.Compare(a.Source, b.Source))
	})
	return onceEach(out)
}

// rank keeps the ends of a history at its ends.
func rank(what string) int {
	switch what {
	case "first seen":
		return -1
	case "last seen":
		return 1
	}
	return 0
}

func place(d *inventory.Device) string {
	if len(d.Addrs) == 0 {
		return string(d.Site)
	}
	return string(d.Site) + ", " + d.Addrs[0].String()
}

// changes are the moments at which one value took the place of another. Values that are claimed
// at the same time stand side by side: that is no change.
func changes(what string, list []span) []Event {
	byValue := map[string]*span{}
	for _, s := range list {
		v := byValue[s.value]
		if v == nil {
			byValue[s.value] = &s
			continue
		}
		v.first, v.last = min(v.first, s.first), max(v.last, s.last)
	}
	var all []*span
	for _, s := range byValue {
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b *span) int { return cmp.Or(cmp.Compare(a.first, b.first), strings.Compare(a.value, b.value)) })
	var out []Event
	for i, now := range all {
		var before *span // that ended last, before this one began
		for _, old := range all[:i] {
			if old.last < now.first && (before == nil || old.last > before.last) {
				before = old
			}
		}
		beside := slices.ContainsFunc(all, func(o *span) bool { return o != now && o.first <= now.first && now.first <= o.last })
		if before != nil && !beside {
			out = append(out, Event{At: time.Unix(0, now.first).UTC(), What: what, From: before.value, To: now.value, Source: now.source})
		}
	}
	return out
}

// returns are the ends of silences longer than a device of this type is silent.
func returns(days []time.Time, p *Patience) []Event {
	var out []Event
	for i := 1; i < len(days); i++ {
		if away := days[i].Sub(days[i-1]) - day; away > time.Duration(p.Stale)*day {
			out = append(out, Event{At: days[i], What: "came back", From: "silent since " + days[i-1].Format(time.DateOnly), To: fmt.Sprintf("after %d days", away/day), Source: byFlows})
		}
	}
	return out
}

// onceEach keeps one of several sources that tell the same change within an hour.
func onceEach(events []Event) []Event {
	var out []Event
	for _, e := range events {
		told := slices.ContainsFunc(out, func(o Event) bool {
			return o.What == e.What && strings.EqualFold(o.To, e.To) && strings.EqualFold(o.From, e.From) && e.At.Sub(o.At) < time.Hour
		})
		if !told {
			out = append(out, e)
		}
	}
	return out
}
