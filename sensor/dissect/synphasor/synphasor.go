package synphasor

import (
	"fmt"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
)

type protocol struct{}

// New returns the synchrophasor dissector.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "synphasor", Transport: dissect.TCP | dissect.UDP, Ports: []uint16{4712, 4713}, MaxBuffer: 64 << 10}
}

func (protocol) Probe(_ *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	switch _, size := Next(data); {
	case size < 0:
		return dissect.NotMine
	case size == 0:
		return dissect.More
	}
	return dissect.Mine
}

func (protocol) New() dissect.Dissector { return &dissector{} }

type dissector struct{ reported bool }

func (d *dissector) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	f, size := Next(data)
	if size < 0 {
		return 0, dissect.NotMine
	}
	if size == 0 {
		return 0, dissect.More
	}
	who := e.Flow().Sender(dir)
	switch f.Kind {
	case Config1, Config2:
		for _, u := range Units(f.Body) {
			s := dissect.About(who)
			s.Part = fmt.Sprintf("synphasor:%d", u.ID)
			e.Observe(dissect.Claim{Subject: s, Kind: model.KindIdentifier, Value: fmt.Sprintf("measurement unit %d", u.ID), Source: "synphasor.id_code"})
			e.Observe(dissect.Claim{Subject: s, Kind: model.KindHostname, Value: u.Name, Source: "synphasor.station_name"})
		}
		e.Operate(model.VerbRead, "configuration", model.ResultUnset, 1)
	case Command:
		e.Operate(model.VerbExecute, "command", model.ResultUnset, 1)
	case Data:
		e.Operate(model.VerbNotify, "phasors", model.ResultUnset, 1)
		if !d.reported {
			d.reported = true
			e.Report(dissect.Weakness{Type: model.FindingNoAuthentication, Rule: "synphasor.no_authentication", Version: 1, Subject: who,
				Peer: e.Flow().Receiver(dir), Detail: "data is sent without authentication", Evidence: "synphasor.data"})
		}
	}
	return size, dissect.More
}
