package ledger

import (
	"cmp"
	"slices"
	"time"

	"github.com/wardscope/wardscope/internal/model"
)

// Span is a run of batch numbers, both ends in it.
type Span struct{ First, Last uint64 }

// Len is how many numbers it holds.
func (s Span) Len() uint64 { return s.Last - s.First + 1 }

// Dropped is what a sensor says it left out for one reason.
type Dropped struct {
	Place   model.Place
	Reason  string // of batches; "" for packets and events
	Batches uint64
	Packets uint64
	Events  uint64
}

// Account is the proof for one boot of a sensor and one day of receipt: every number of a batch up
// to the highest one known is stored, in quarantine, reported as dropped, or missing. A number
// that never came counts on the day of the next one that did.
type Account struct {
	Site         model.SiteID
	Sensor       model.SensorID
	Epoch        uint64
	Day          time.Time
	Sealed       uint64 // = Stored + Quarantined + batches of Dropped + missing
	Stored       uint64
	Quarantined  uint64
	Events       uint64 // stored
	Dropped      []Dropped
	Missing      []Span
	LastReceived time.Time
}

// Shed counts the batches that the sensor reported as dropped.
func (a *Account) Shed() (n uint64) {
	for _, d := range a.Dropped {
		n += d.Batches
	}
	return n
}

// Lost counts the batches of which nobody knows anything.
func (a *Account) Lost() (n uint64) {
	for _, s := range a.Missing {
		n += s.Len()
	}
	return n
}

// Boot names one boot of a sensor.
type Boot struct {
	Site   model.SiteID
	Sensor model.SensorID
	Epoch  uint64
}

// Arrived is a run of numbers that came on one day.
type Arrived struct {
	Boot
	Span
	Day      time.Time
	Bad      uint64 // of them in quarantine
	Events   uint64
	Received time.Time // of the last one
}

// Loss is what a sensor reported as left out: numbers of batches, or packets and events alone.
type Loss struct {
	Boot
	Span
	Dropped
	Day time.Time
}

// Book collects accounts. Losses go in first, then runs that arrived, by boot and number.
type Book struct {
	accounts map[Boot]map[time.Time]*Account
	losses   map[Boot][]Loss
	next     map[Boot]uint64 // number after the highest one known
}

// NewBook makes an empty one.
func NewBook() *Book {
	return &Book{accounts: map[Boot]map[time.Time]*Account{}, losses: map[Boot][]Loss{}, next: map[Boot]uint64{}}
}

// Lose adds what a sensor reported; those of one boot come in the order of their first numbers.
func (k *Book) Lose(x *Loss) {
	if x.Batches == 0 {
		k.at(x.Boot, x.Day).drop(x.Dropped)
		return
	}
	k.losses[x.Boot] = append(k.losses[x.Boot], *x)
}

// Arrive adds a run; those of one boot come in the order of their first numbers.
func (k *Book) Arrive(x *Arrived) {
	a := k.at(x.Boot, x.Day)
	from := max(k.next[x.Boot], 1)
	if x.First > from {
		a.gap(Span{from, x.First - 1}, k.losses[x.Boot])
	}
	k.next[x.Boot] = max(from, x.Last+1)
	a.Stored += x.Len() - x.Bad
	a.Quarantined += x.Bad
	a.Sealed += x.Len()
	a.Events += x.Events
	if x.Received.After(a.LastReceived) {
		a.LastReceived = x.Received
	}
}

func (k *Book) at(b Boot, day time.Time) *Account {
	if k.accounts[b] == nil {
		k.accounts[b] = map[time.Time]*Account{}
	}
	if k.accounts[b][day] == nil {
		k.accounts[b][day] = &Account{Site: b.Site, Sensor: b.Sensor, Epoch: b.Epoch, Day: day}
	}
	return k.accounts[b][day]
}

// Sorted gives the accounts by site, sensor, boot and day.
func (k *Book) Sorted() []Account {
	var out []Account
	for _, days := range k.accounts {
		for _, a := range days {
			out = append(out, *a)
		}
	}
	slices.SortFunc(out, func(a, b Account) int {
		return cmp.Or(cmp.Compare(a.Site, b.Site), cmp.Compare(a.Sensor, b.Sensor), cmp.Compare(a.Epoch, b.Epoch), a.Day.Compare(b.Day))
	})
	return out
}

// gap parts numbers that never came into reported ones and missing ones. What was reported as
// dropped and came all the same is no part of a gap, and counts as stored.
func (a *Account) gap(g Span, losses []Loss) {
	a.Sealed += g.Len()
	for i := range losses { // by first number
		x := &losses[i]
		first, last := max(x.First, g.First), min(x.Last, g.Last)
		if first > last || last < g.First {
			continue
		}
		if first > g.First {
			a.Missing = append(a.Missing, Span{g.First, first - 1})
		}
		d := x.Dropped
		d.Batches = last - first + 1
		if x.First < first { // the rest of it is counted in another gap
			d.Events = 0
		}
		a.drop(d)
		if last == g.Last {
			return
		}
		g.First = last + 1
	}
	a.Missing = append(a.Missing, g)
}

func (a *Account) drop(d Dropped) {
	i := slices.IndexFunc(a.Dropped, func(o Dropped) bool { return o.Place == d.Place && o.Reason == d.Reason })
	if i < 0 {
		a.Dropped = append(a.Dropped, d)
		return
	}
	o := &a.Dropped[i]
	o.Batches, o.Packets, o.Events = o.Batches+d.Batches, o.Packets+d.Packets, o.Events+d.Events
}
