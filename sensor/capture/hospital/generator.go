package hospital

import (
	"container/heap"
	"fmt"
	"io"
	"time"

	"github.com/wardscope/wardscope/sensor/capture/hospital/fleet"
	"github.com/wardscope/wardscope/sensor/capture/hospital/wire"
)

// source is what yields frames: a health system or a reference load.
type source interface {
	next() (at int64, frame []byte, err error)
	truth() Truth
}

// Generator yields one site's frames.
type Generator struct {
	from  source
	speed float64
}

// New makes the generator of one site's frames. A seed of 0 means the scenario's. For a
// reference load the site only names the capture.
func New(s Scenario, site string, seed uint64) (*Generator, error) {
	if seed == 0 {
		seed = s.Seed
	}
	if s.Load != "" {
		r, err := newReference(s, site, seed)
		if err != nil {
			return nil, err
		}
		return &Generator{from: r, speed: s.Speed}, nil
	}
	if s.Start.IsZero() {
		s.Start = time.Now().Add(-s.Duration).Truncate(time.Second)
	}
	h, err := fleet.New(s, seed)
	if err != nil {
		return nil, err
	}
	t := h.Site(site)
	if t == nil {
		return nil, fmt.Errorf("scenario %s has no site %q, only %v", s.Name, site, s.SiteIDs())
	}
	p, err := newPlay(h, t)
	if err != nil {
		return nil, err
	}
	return &Generator{from: p, speed: s.Speed}, nil
}

// Next returns the next frame and its time in Unix nanoseconds; io.EOF at the end. The frame is
// valid until the next call.
func (g *Generator) Next() (at int64, frame []byte, err error) { return g.from.next() }

// Truth says what the capture holds. Its counts are those of the frames yielded so far.
func (g *Generator) Truth() Truth { return g.from.truth() }

// actor is a habit waiting for its next session, or a session under way.
type actor struct {
	due     int64
	order   uint64 // breaks ties, so that runs agree
	habit   *habit
	session *wire.Session // nil while waiting
	start   int64         // valid iff session is nil
	round   int
}

type agenda []actor

func (a agenda) Len() int { return len(a) }
func (a agenda) Less(i, j int) bool {
	return a[i].due < a[j].due || a[i].due == a[j].due && a[i].order < a[j].order
}
func (a agenda) Swap(i, j int) { a[i], a[j] = a[j], a[i] }

// Push and Pop serve container/heap.
func (a *agenda) Push(x any) {
	if v, ok := x.(actor); ok {
		*a = append(*a, v)
	}
}

// Pop removes the last element.
func (a *agenda) Pop() any {
	old := *a
	v := old[len(old)-1]
	old[len(old)-1] = actor{}
	*a = old[:len(old)-1]
	return v
}

// play is a health system seen from one site.
type play struct {
	health     *fleet.Health
	site       *fleet.Hospital
	start, end int64
	agenda     agenda
	order      uint64
	buf        []byte
	build      *truthBuilder
}

func newPlay(h *fleet.Health, t *fleet.Hospital) (*play, error) {
	p := &play{health: h, site: t, start: h.Scenario.Start.UnixNano(), buf: make([]byte, 0, 2048)}
	p.end = p.start + int64(h.Scenario.Duration)
	build := newTruthBuilder(h, t)
	habits := planAll(h, build)
	if build.fault != nil {
		return nil, build.fault
	}
	p.build = build
	for _, b := range habits {
		if !p.visible(b) {
			continue
		}
		r := wire.NewRand(h.Seed, b.key, 7)
		spread := b.every
		if b.first != 0 {
			spread = b.first
		}
		p.wait(b, p.start+int64(r.Between(0, spread)), 0)
	}
	heap.Init(&p.agenda)
	return p, nil
}

// visible reports whether the site's sensor sees a habit's sessions.
func (p *play) visible(b *habit) bool {
	here := func(d *fleet.Device) bool { return d.Site == p.site.ID && !d.External && !d.Group }
	return here(b.client) || here(b.server)
}

func (p *play) wait(b *habit, start int64, round int) {
	if start >= p.end {
		return
	}
	p.order++
	p.agenda = append(p.agenda, actor{due: start, order: p.order, habit: b, start: start, round: round})
}

func (p *play) next() (int64, []byte, error) {
	for len(p.agenda) > 0 {
		top := &p.agenda[0]
		if top.session == nil {
			p.begin()
			continue
		}
		at := top.due
		if at >= p.end {
			heap.Pop(&p.agenda)
			continue
		}
		frame := top.session.Next(p.buf)
		p.build.count(top.habit.service, len(frame))
		if top.session.Done() {
			heap.Pop(&p.agenda)
		} else {
			top.due = top.session.Due()
			heap.Fix(&p.agenda, 0)
		}
		return at, frame, nil
	}
	return 0, nil, io.EOF
}

// begin turns the habit on top of the agenda into a session and puts its next start after it.
func (p *play) begin() {
	top := heap.Pop(&p.agenda)
	a, ok := top.(actor)
	if !ok {
		return
	}
	b := a.habit
	seed := wire.NewRand(p.health.Seed, b.key, uint64(a.round), 11)
	s := p.session(b, a, &seed)
	if b.every > 0 {
		gap := b.every/2 + seed.Between(0, b.every)
		p.order++
		if start := a.start + int64(gap); start < p.end {
			heap.Push(&p.agenda, actor{due: start, order: p.order, habit: b, start: start, round: a.round + 1})
		}
	}
	if s.Done() {
		return
	}
	p.order++
	p.build.session(b)
	heap.Push(&p.agenda, actor{due: s.Due(), order: p.order, habit: b, session: s})
}

func (p *play) session(b *habit, a actor, r *wire.Rand) *wire.Session {
	one := oneWay(b.client, b.server)
	cfg := wire.Config{Transport: b.transport, OneWay: one, Start: a.start, Seed: r.Uint64()}
	cfg.Sides[0] = view(p.site, b.client, b.server, one)
	cfg.Sides[1] = view(p.site, b.server, b.client, one)
	cfg.Sides[0].Port, cfg.Sides[1].Port = b.clientPort, b.port
	if b.clientPort == 0 {
		cfg.Sides[0].Port = uint16(49152 + r.IntN(16000))
	}
	if b.relay {
		cfg.Sides[1].MAC, cfg.Sides[1].VLAN = p.site.Core, b.client.VLAN
	}
	script := wire.NewRand(cfg.Seed, 3)
	cfg.Script = wire.Script{Rand: &script, Ending: b.ending}
	b.write(&cfg.Script, occasion{round: a.round, at: a.start, left: time.Duration(p.end - a.start)})
	return wire.NewSession(cfg)
}

func (p *play) truth() Truth { return p.build.truth(p.start, p.end) }
