package c1222

import (
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
)

type protocol struct{}

// New returns the C12.22 dissector.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "c1222", Transport: dissect.TCP | dissect.UDP, Ports: []uint16{1153}}
}

const protoTCP = 6

func (protocol) Probe(f *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	_, size := Next(data)
	switch {
	case size < 0:
		return dissect.NotMine
	case size == 0 && f.Protocol == protoTCP:
		return dissect.More
	case size == 0 || f.Protocol != protoTCP && size != len(data):
		return dissect.NotMine
	}
	return dissect.Mine
}

func (protocol) New() dissect.Dissector { return &dissector{} }

type dissector struct{ reported bool }

func (d *dissector) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	m, size := Next(data)
	if size < 0 {
		return 0, dissect.NotMine
	}
	if size == 0 {
		return 0, dissect.More
	}
	say := func(who model.Endpoint, title, source string) {
		if title != "" {
			e.Observe(dissect.Claim{Subject: dissect.About(who), Kind: model.KindIdentifier, Value: "AP title " + title, Source: source})
		}
	}
	say(e.Flow().Sender(dir), m.Calling, "c1222.calling_ap_title")
	say(e.Flow().Receiver(dir), m.Called, "c1222.called_ap_title")
	if !m.Protected && !m.Mechanism && !d.reported {
		d.reported = true
		dissect.Cleartext(e, "c1222", "c1222.acse")
	}
	return size, dissect.More
}
