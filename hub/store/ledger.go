package store

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

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

type boot struct {
	site   model.SiteID
	sensor model.SensorID
	epoch  uint64
}

type arrived struct {
	boot
	Span
	day         time.Time
	bad, events uint64
	received    time.Time
}

type loss struct {
	boot
	Span
	Dropped
	day time.Time
}

// Accounts gives the accounts of one sensor, or of all when it is empty, by sensor, boot and day.
func (s *Store) Accounts(ctx context.Context, scope Scope, sensor model.SensorID) ([]Account, error) {
	var args arguments
	args.scope(scope)
	args.add("sensor", string(sensor))
	data := struct {
		Scope
		Sensor string
	}{scope, string(sensor)}
	l := &ledger{index: map[boot]map[time.Time]*Account{}}
	losses := map[boot][]loss{}
	err := s.read(ctx, "ledger_losses.sql", data, args, func(rows driver.Rows) error {
		var x loss
		var place string
		if err := rows.Scan((*string)(&x.site), (*string)(&x.sensor), &x.epoch, &x.day, &place, &x.Reason, &x.First, &x.Last, &x.Packets, &x.Events, &x.Batches); err != nil {
			return err
		}
		x.Place = places[place]
		if x.Batches == 0 {
			l.at(x.boot, x.day).drop(x.Dropped)
			return nil
		}
		losses[x.boot] = append(losses[x.boot], x)
		return nil
	})
	if err != nil {
		return nil, err
	}
	next := map[boot]uint64{}
	err = s.read(ctx, "ledger_spans.sql", data, args, func(rows driver.Rows) error {
		var x arrived
		if err := rows.Scan((*string)(&x.site), (*string)(&x.sensor), &x.epoch, &x.day, &x.First, &x.Last, &x.bad, &x.events, &x.received); err != nil {
			return err
		}
		a := l.at(x.boot, x.day)
		from := max(next[x.boot], 1)
		if x.First > from {
			a.gap(Span{from, x.First - 1}, losses[x.boot])
		}
		next[x.boot] = max(from, x.Last+1)
		a.Stored += x.Len() - x.bad
		a.Quarantined += x.bad
		a.Sealed += x.Len()
		a.Events += x.events
		if x.received.After(a.LastReceived) {
			a.LastReceived = x.received
		}
		return nil
	})
	return l.sorted(), err
}

type ledger struct {
	index map[boot]map[time.Time]*Account
}

func (l *ledger) at(b boot, day time.Time) *Account {
	if l.index[b] == nil {
		l.index[b] = map[time.Time]*Account{}
	}
	if l.index[b][day] == nil {
		l.index[b][day] = &Account{Site: b.site, Sensor: b.sensor, Epoch: b.epoch, Day: day}
	}
	return l.index[b][day]
}

func (l *ledger) sorted() []Account {
	var out []Account
	for _, days := range l.index {
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
func (a *Account) gap(g Span, losses []loss) {
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
