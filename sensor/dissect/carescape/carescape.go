package carescape

import (
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
)

type protocol struct{}

// New returns the CARESCAPE network dissector.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "carescape", Transport: dissect.UDP, Ports: []uint16{2000}}
}

func (protocol) Probe(f *dissect.Flow, dir dissect.Direction, data []byte) dissect.Verdict {
	if _, ok := Parse(data, f.Sender(dir).Addr); !ok {
		return dissect.NotMine
	}
	return dissect.Mine
}

func (protocol) New() dissect.Dissector { return dissector{} }

type dissector struct{}

func (dissector) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	sender := e.Flow().Sender(dir)
	s, ok := Parse(data, sender.Addr)
	if !ok {
		return len(data), dissect.More
	}
	for _, c := range [3]struct {
		kind          model.Kind
		value, source string
	}{
		{model.KindVendor, "GE HealthCare", "carescape.time_sync"},
		{model.KindRole, "monitoring network time master", "carescape.time_sync"},
		{model.KindLocation, s.Unit + "|" + s.Room, "carescape.location"},
	} {
		e.Observe(dissect.Claim{Subject: dissect.About(sender), Kind: c.kind, Value: c.value, Source: c.source})
	}
	return len(data), dissect.More
}
