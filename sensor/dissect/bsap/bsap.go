package bsap

import (
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
)

type protocol struct{}

// New returns the BSAP dissector.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "bsap", Transport: dissect.UDP, Ports: []uint16{1234, 1235}}
}

// Probe leaves bare acknowledgements to the next datagram: fourteen bytes with eight zeros are
// not much of a sign.
func (protocol) Probe(_ *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	d, ok := Parse(data)
	switch {
	case !ok:
		return dissect.NotMine
	case d.Messages == 0:
		return dissect.More
	}
	return dissect.Mine
}

func (protocol) New() dissect.Dissector { return &dissector{} }

type dissector struct{ reported bool }

func (d *dissector) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	m, ok := Parse(data)
	if !ok {
		return len(data), dissect.More
	}
	switch m.Function {
	case Request:
		e.Operate(model.VerbRead, "signals", model.ResultUnset, uint32(m.Messages))
	case Answer:
		d.answer(e, dir)
	}
	return len(data), dissect.More
}

func (d *dissector) answer(e dissect.Emitter, dir dissect.Direction) {
	if d.reported {
		return
	}
	d.reported = true
	controller, master := e.Flow().Sender(dir), e.Flow().Receiver(dir)
	e.Observe(dissect.Claim{Subject: dissect.About(controller), Kind: model.KindRole, Value: "process controller", Source: "bsap.answer"})
	e.Observe(dissect.Claim{Subject: dissect.About(master), Kind: model.KindRole, Value: "process control master", Source: "bsap.answer"})
	e.Report(dissect.Weakness{Type: model.FindingNoAuthentication, Rule: "bsap.no_authentication", Version: 1, Subject: controller,
		Peer: master, Detail: "requests are answered without authentication", Evidence: "bsap.answer"})
}
