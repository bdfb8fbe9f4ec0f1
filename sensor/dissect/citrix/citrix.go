package citrix

import (
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
)

// The openings: ICA's, which both ends say, and the gateway protocol's.
const (
	ica     = "\x7f\x7fICA\x00"
	gateway = "\x1aCGP/01"
)

type protocol struct{}

// New returns the protocol.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "citrix", Transport: dissect.TCP, Ports: []uint16{1494, 2598}}
}

func (protocol) Probe(_ *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	for _, form := range []string{ica, gateway} {
		if n := min(len(data), len(form)); string(data[:n]) == form[:n] {
			if n == len(form) {
				return dissect.Mine
			}
			return dissect.More
		}
	}
	return dissect.NotMine
}

func (protocol) New() dissect.Dissector { return reader{} }

type reader struct{}

func (reader) Feed(e dissect.Emitter, _ dissect.Direction, data []byte) (int, dissect.Verdict) {
	if len(data) < len(ica) {
		return 0, dissect.More
	}
	f := e.Flow()
	e.Version("ICA")
	if data[0] == gateway[0] {
		e.Version("CGP")
	}
	e.Observe(dissect.Claim{Subject: dissect.About(f.Responder), Kind: model.KindRole, Value: "Citrix server", Source: "citrix.opening"})
	e.Observe(dissect.Claim{Subject: dissect.About(f.Initiator), Kind: model.KindRole, Value: "Citrix client", Source: "citrix.opening"})
	return len(data), dissect.Done
}
