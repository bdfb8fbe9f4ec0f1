package rsh

import (
	"bytes"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
)

const port = 514

type protocol struct{}

// New returns the protocol.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "rsh", Transport: dissect.TCP, Ports: []uint16{port}}
}

// Probe wants what a client sends first: a port number in digits and a NUL, from a reserved port to
// the service's port.
func (protocol) Probe(f *dissect.Flow, dir dissect.Direction, data []byte) dissect.Verdict {
	if f.Responder.Port != port || f.Initiator.Port >= 1024 {
		return dissect.NotMine
	}
	if dir == dissect.FromResponder {
		return dissect.More
	}
	end := bytes.IndexByte(data[:min(len(data), 6)], 0)
	digits := data
	if end >= 0 {
		digits = data[:end]
	}
	for _, d := range digits {
		if d < '0' || d > '9' {
			return dissect.NotMine
		}
	}
	switch {
	case end >= 0:
		return dissect.Mine
	case len(data) > 5:
		return dissect.NotMine
	}
	return dissect.More
}

func (protocol) New() dissect.Dissector { return reader{} }

type reader struct{}

func (reader) Feed(e dissect.Emitter, _ dissect.Direction, data []byte) (int, dissect.Verdict) {
	f := e.Flow()
	dissect.Cleartext(e, "rsh", "rsh.port")
	e.Report(dissect.Weakness{Type: model.FindingObsoleteProtocol, Rule: "rsh.in_use", Version: 1, Subject: f.Responder, Peer: f.Initiator, Detail: "remote shell", Evidence: "rsh.port"})
	return len(data), dissect.Done
}
