package lontalk

import (
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
)

type protocol struct{}

// New returns the LonTalk/IP dissector.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "lontalk", Transport: dissect.UDP, Ports: []uint16{1628, 1629}}
}

// Probe wants one of the two registered ports too: the header has no magic number.
func (protocol) Probe(f *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	if !usual(f.Initiator.Port) && !usual(f.Responder.Port) {
		return dissect.NotMine
	}
	if _, ok := Parse(data); !ok {
		return dissect.NotMine
	}
	return dissect.Mine
}

func usual(port uint16) bool { return port == 1628 || port == 1629 }

func (protocol) New() dissect.Dissector { return dissector{} }

type dissector struct{}

func (dissector) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	kind, ok := Parse(data)
	if !ok {
		return len(data), dissect.More
	}
	e.Observe(dissect.Claim{Subject: dissect.About(e.Flow().Sender(dir)), Kind: model.KindRole, Value: "LonTalk/IP node", Source: "lontalk.header"})
	if kind == Data {
		e.Operate(model.VerbNotify, "lontalk", model.ResultUnset, 1)
	} else {
		e.Operate(model.VerbConfigure, "channel", model.ResultUnset, 1)
	}
	return len(data), dissect.More
}
