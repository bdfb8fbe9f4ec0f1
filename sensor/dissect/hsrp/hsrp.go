package hsrp

import (
	"strconv"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
)

const (
	port   = 1985
	portV6 = 2029
)

type protocol struct{}

// New returns the HSRP dissector.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "hsrp", Transport: dissect.UDP, Ports: []uint16{port, portV6}}
}

// Probe wants the port too: twenty bytes without a magic number prove little.
func (protocol) Probe(f *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	if p := f.Responder.Port; p != port && p != portV6 {
		return dissect.NotMine
	}
	if _, ok := Parse(data); !ok {
		return dissect.NotMine
	}
	return dissect.Mine
}

func (protocol) New() dissect.Dissector { return dissector{} }

type dissector struct{}

func (dissector) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	m, ok := Parse(data)
	if !ok {
		return len(data), dissect.More
	}
	router := e.Flow().Sender(dir)
	e.Version("HSRPv" + strconv.Itoa(int(m.Version)))
	e.Observe(dissect.Claim{Subject: dissect.About(router), Kind: model.KindRole, Value: "router", Source: "hsrp.message"})
	if !m.Virtual.IsUnspecified() {
		e.Observe(dissect.Claim{Subject: dissect.About(router), Kind: model.KindIdentifier, Value: "virtual " + m.Virtual.String(), Source: "hsrp.virtual_address"})
	}
	switch m.Secret {
	case Default:
		e.Report(dissect.Weakness{Type: model.FindingDefaultCredential, Rule: "hsrp.default_string", Version: 1, Subject: router,
			Detail: "authentication string is the default of RFC 2281", Evidence: "hsrp.authentication"})
	case Clear:
		e.Report(dissect.Weakness{Type: model.FindingCleartextCredential, Rule: "hsrp.clear_string", Version: 1, Subject: router,
			Detail: "authentication string is readable", Evidence: "hsrp.authentication"})
	}
	return len(data), dissect.More
}
