package sbus

import (
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
)

type protocol struct{}

// New returns the Ether-S-Bus dissector.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "sbus", Transport: dissect.UDP, Ports: []uint16{5050}}
}

func (protocol) Probe(_ *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	if _, ok := Parse(data); !ok {
		return dissect.NotMine
	}
	return dissect.Mine
}

func (protocol) New() dissect.Dissector { return &dissector{} }

type dissector struct{ reported bool }

func (d *dissector) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	kind, ok := Parse(data)
	if !ok {
		return len(data), dissect.More
	}
	if kind == Request {
		e.Operate(model.VerbExecute, "telegram", model.ResultUnset, 1)
		return len(data), dissect.More
	}
	who := e.Flow().Sender(dir)
	e.Observe(dissect.Claim{Subject: dissect.About(who), Kind: model.KindRole, Value: "S-Bus controller", Source: "sbus.response"})
	if !d.reported {
		d.reported = true
		e.Report(dissect.Weakness{Type: model.FindingNoAuthentication, Rule: "sbus.no_authentication", Version: 1, Subject: who,
			Peer: e.Flow().Receiver(dir), Detail: "requests are answered without authentication", Evidence: "sbus.response"})
	}
	return len(data), dissect.More
}
