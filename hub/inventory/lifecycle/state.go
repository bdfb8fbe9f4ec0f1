package lifecycle

import (
	"bytes"
	_ "embed" // for the table
	"errors"
	"fmt"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/internal/model"
)

// State is where a device is in its life.
type State uint8

// The states.
const (
	Active   State = iota
	New            // first seen after its site had been watched for the learning period
	Returned       // seen now, after it was away for longer than its type is
	Stale          // silent for longer than its type is
	Retired        // silent for so long that it is gone, as far as the network shows
)

var stateNames = [...]string{"active", "new", "returned", "stale", "retired"}

// String is the lower-case name.
func (s State) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return stateNames[Active]
}

// Default periods.
const (
	Learning = 7 * 24 * time.Hour  // of a site: what is seen in it was there before
	NewFor   = 14 * 24 * time.Hour // for which a device is called new or returned
)

// Patience is for how long a kind of device may be silent.
type Patience struct {
	Types      []string `yaml:"types"`
	Categories []string `yaml:"categories"`
	Random     bool     `yaml:"random"`
	Stale      int      `yaml:"stale"`   // days
	Retired    int      `yaml:"retired"` // days
	Reason     string   `yaml:"reason"`
}

//go:embed patience.yaml
var patienceFile []byte

// Table is patience by kind of device.
type Table []Patience

// Builtin reads the table that the program carries.
func Builtin() (Table, error) {
	var f struct {
		Patience Table `yaml:"patience"`
	}
	d := yaml.NewDecoder(bytes.NewReader(patienceFile))
	d.KnownFields(true)
	if err := d.Decode(&f); err != nil {
		return nil, fmt.Errorf("read patience: %w", err)
	}
	for i, p := range f.Patience {
		if p.Stale <= 0 || p.Retired <= p.Stale || p.Reason == "" {
			return nil, fmt.Errorf("read patience: entry %d: want days of stale, more of retired, and a reason", i)
		}
	}
	if n := len(f.Patience); n == 0 || !f.Patience[n-1].fits(&inventory.Device{}) {
		return nil, errors.New("read patience: the last entry must fit any device")
	}
	return f.Patience, nil
}

func (p *Patience) fits(d *inventory.Device) bool {
	return (len(p.Types) == 0 || slices.Contains(p.Types, d.Type)) && (len(p.Categories) == 0 || slices.Contains(p.Categories, d.Category)) &&
		(!p.Random || len(d.MACs) > 0 && !slices.ContainsFunc(d.MACs, func(m model.MAC) bool { return !m.IsLocal() }))
}

// Of is the entry that counts for a device.
func (t Table) Of(d *inventory.Device) *Patience {
	for i := range t {
		if t[i].fits(d) {
			return &t[i]
		}
	}
	return &t[len(t)-1]
}

const day = 24 * time.Hour

// Clock is until when each site was seen, and since when.
type Clock map[model.SiteID]struct{ First, Last int64 }

// Watch reads from an inventory how long each site was seen.
func Watch(inv *inventory.Inventory) Clock {
	c := Clock{}
	for i := range inv.Devices {
		d := &inv.Devices[i]
		if d.Last == 0 {
			continue
		}
		w, ok := c[d.Site]
		if !ok || d.First < w.First {
			w.First = d.First
		}
		w.Last = max(w.Last, d.Last)
		c[d.Site] = w
	}
	return c
}

// Life is a device's state with its grounds.
type Life struct {
	State  State
	Since  time.Time     // first seen, back since, or last seen
	Silent time.Duration // until the last moment of its site, or before it came back
	Reason string
}

// Life tells the state of a device. days are those on which its addresses sent, ascending; without
// them nothing is called returned.
func (t Table) Life(d *inventory.Device, c Clock, days []time.Time) Life {
	w, p := c[d.Site], t.Of(d)
	last, silent := time.Unix(0, d.Last).UTC(), time.Duration(w.Last-d.Last)
	stale, retired := time.Duration(p.Stale)*day, time.Duration(p.Retired)*day
	switch {
	case silent > retired:
		return Life{Retired, last, silent, fmt.Sprintf("silent for %d days; %s: gone after %d", silent/day, p.Reason, p.Retired)}
	case silent > stale:
		return Life{Stale, last, silent, fmt.Sprintf("silent for %d days; %s: stale after %d", silent/day, p.Reason, p.Stale)}
	case d.First > w.First+int64(Learning) && w.Last-d.First < int64(NewFor):
		return Life{New, time.Unix(0, d.First).UTC(), 0, fmt.Sprintf("first seen %d days after its site", (d.First-w.First)/int64(day))}
	}
	if back, away, ok := gap(days, stale); ok && w.Last-back.UnixNano() < int64(NewFor) {
		return Life{Returned, back, away, fmt.Sprintf("sent nothing for %d days before; %s", away/day, p.Reason)}
	}
	return Life{State: Active, Since: last}
}

// gap is the newest silence of more than least between days, and when it ended.
func gap(days []time.Time, least time.Duration) (back time.Time, away time.Duration, ok bool) {
	for i := len(days) - 1; i > 0; i-- {
		if away := days[i].Sub(days[i-1]) - day; away > least {
			return days[i], away, true
		}
	}
	return back, 0, false
}
