package ripng

import (
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
)

const (
	port   = 521
	header = 4  // bytes (RFC 2080, section 2.1)
	entry  = 20 // bytes of a route
)

type protocol struct{}

// New returns the protocol.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "ripng", Transport: dissect.UDP, Ports: []uint16{port}}
}

// Probe wants whole routes behind a header, at the service's port; what the header holds is little.
func (protocol) Probe(f *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	if f.Responder.Port != port && f.Initiator.Port != port || len(data) < header+entry || (len(data)-header)%entry != 0 {
		return dissect.NotMine
	}
	if data[0] != 1 && data[0] != 2 || data[1] != 1 || data[2] != 0 || data[3] != 0 {
		return dissect.NotMine
	}
	for at := header; at < len(data); at += entry {
		if prefix, metric := data[at+18], data[at+19]; prefix > 128 || metric == 0 || metric > 16 && metric != 255 {
			return dissect.NotMine
		}
	}
	return dissect.Mine
}

func (protocol) New() dissect.Dissector { return reader{} }

type reader struct{}

func (reader) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	if len(data) > 0 && data[0] == 2 {
		e.Observe(dissect.Claim{Subject: dissect.About(e.Flow().Sender(dir)), Kind: model.KindRole, Value: "router", Source: "ripng.response"})
	}
	return len(data), dissect.More
}
