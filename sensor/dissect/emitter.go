package dissect

import (
	"strings"

	"github.com/wardscope/wardscope/internal/model"
)

const (
	maxInner      = 4  // depth of messages within messages
	maxOperations = 64 // kinds of operations that a flow counts between two records
)

// detail is what a flow record says beyond its counters.
type detail struct {
	serverName, alpn, version string
	encrypted                 bool
	operations                []model.Operation
	first                     [1]model.Operation // room: most flows have one kind, or none
}

// emitter is the Emitter of a Runtime: one, pointed at the conversation of the current call.
type emitter struct {
	rt     *Runtime
	c      *conversation
	flow   *Flow
	turned Flow // the caller's flow with the roles exchanged
	depth  int

	handoff string // the protocol that the dissector named, during Feed and Gap
}

func (e *emitter) Flow() *Flow { return e.flow }

func (e *emitter) Observe(c Claim) { e.ObserveAgain(c, 1, e.flow.Time, e.flow.Time) }

func (e *emitter) ObserveAgain(c Claim, times uint64, since, until int64) {
	var v string
	if c.Kind == model.KindBanner {
		v = model.Banner(c.Value)
	} else {
		v = model.Text(c.Value)
	}
	if v == "" || c.Subject.IsZero() {
		return
	}
	f := e.flow
	e.rt.sink.Observe(model.Observation{Subject: c.Subject, Domain: f.Domain, VLAN: f.VLAN, Kind: c.Kind, Value: v,
		Source: c.Source, First: since, Last: until, Count: times})
}

func (e *emitter) Report(w Weakness) {
	f := e.flow
	service, _, _ := strings.Cut(w.Rule, ".")
	port := w.Subject.Port
	if w.Subject.Addr == f.Initiator.Addr && w.Subject.Port == f.Initiator.Port {
		port = f.Responder.Port // the subject is a client: what it used
	}
	e.rt.sink.Finding(model.Finding{Type: w.Type, Rule: w.Rule, RuleVersion: w.Version,
		Subject: model.Subject{Addr: w.Subject.Addr, MAC: w.Subject.MAC, Part: w.Part}, Peer: About(w.Peer),
		Port: port, Protocol: f.Protocol, Service: service, Detail: model.Text(w.Detail), Evidence: w.Evidence,
		Domain: f.Domain, VLAN: f.VLAN, First: f.Time, Last: f.Time, Count: 1})
}

func (e *emitter) Login(c Credential) { e.login(c, e.rt.cfg.MatchDefault) }

func (e *emitter) detail() *detail {
	if e.c.detail != nil {
		return e.c.detail
	}
	if n := len(e.rt.details); n > 0 {
		e.c.detail = e.rt.details[n-1]
		e.rt.details = e.rt.details[:n-1]
	} else {
		if len(e.rt.freshDetails) == 0 {
			e.rt.freshDetails = make([]detail, 64)
		}
		e.c.detail = &e.rt.freshDetails[0]
		e.rt.freshDetails = e.rt.freshDetails[1:]
		e.c.detail.operations = e.c.detail.first[:0]
	}
	return e.c.detail
}

func (e *emitter) Operate(verb model.Verb, object string, result model.Result, count uint32) {
	d := e.detail()
	if d.again(verb, object, result, count) { // mostly it is clean text, and was counted before
		return
	}
	if clean := model.Text(object); clean != object {
		if object = clean; d.again(verb, object, result, count) {
			return
		}
	}
	if len(d.operations) < maxOperations {
		if len(d.operations) == cap(d.operations) {
			d.operations = e.rt.roomier(d.operations)
		}
		d.operations = append(d.operations, model.Operation{Verb: verb, Object: object, Result: result, Count: count})
	}
}

// again counts an operation that is there; false when it is not.
func (d *detail) again(verb model.Verb, object string, result model.Result, count uint32) bool {
	for i := range d.operations {
		if o := &d.operations[i]; o.Verb == verb && o.Result == result && o.Object == object {
			o.Count += count
			return true
		}
	}
	return false
}

// roomier is a list with twice the room, of memory that is allocated for many.
func (rt *Runtime) roomier(list []model.Operation) []model.Operation {
	n := max(2, 2*len(list))
	if len(rt.freshCounts) < n {
		rt.freshCounts = make([]model.Operation, max(128, n))
	}
	out := append(rt.freshCounts[:0:n], list...)
	rt.freshCounts = rt.freshCounts[n:]
	return out
}

func (e *emitter) Service(name string)    { e.c.service = e.rt.number(name) }
func (e *emitter) ServerName(name string) { e.detail().serverName = model.Text(name) }
func (e *emitter) ALPN(name string)       { e.detail().alpn = model.Text(name) }
func (e *emitter) Version(v string)       { e.detail().version = model.Text(v) }
func (e *emitter) Encrypted()             { e.detail().encrypted = true }

func (e *emitter) Swap() {
	f := e.flow
	turned := *f
	turned.Initiator, turned.Responder = f.Responder, f.Initiator
	turned.Inferred = false
	e.c.swapped = !e.c.swapped
	e.turned = turned
	e.flow = &e.turned
}

func (e *emitter) Handoff(service string) { e.handoff = service }

func (e *emitter) Inner(protocol string, dir Direction, data []byte) {
	i, ok := e.rt.byName[protocol]
	if !ok || e.depth >= maxInner {
		return
	}
	e.depth++
	outer, service := e.rt.running, e.c.service
	e.rt.running = i
	d := e.rt.newDissector(i)
	d.Feed(e, dir, data)
	e.rt.spareDissector(i, d)
	e.rt.running, e.c.service = outer, service
	e.depth--
}
