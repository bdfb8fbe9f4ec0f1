package genisys

import (
	"fmt"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
)

type protocol struct{}

// New returns the Genisys dissector.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "genisys", Transport: dissect.TCP, Ports: []uint16{10001}, MaxBuffer: 2 * maxFrame, ProbeBytes: maxFrame}
}

// Probe wants a frame whose CRC is right.
func (protocol) Probe(_ *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	for len(data) > 0 {
		f, size := Next(data)
		switch {
		case size < 0:
			return dissect.NotMine
		case size == 0:
			return dissect.More
		case f.Checked:
			return dissect.Mine
		}
		data = data[size:]
	}
	return dissect.More
}

func (protocol) New() dissect.Dissector { return &dissector{} }

type dissector struct {
	named    [4]uint64 // set of station addresses claimed
	reported bool
}

func (d *dissector) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	f, size := Next(data)
	switch {
	case size < 0:
		return 0, dissect.NotMine
	case size == 0:
		return 0, dissect.More
	}
	if master := f.Control >= firstFromMaster; master == (dir == dissect.FromResponder) {
		if !e.Flow().Inferred {
			return size, dissect.More
		}
		e.Swap()
	}
	switch f.Control {
	case AckAndPoll, Poll, RecallHeader:
		e.Operate(model.VerbRead, "indications", model.ResultUnset, 1)
	case ControlData:
		e.Operate(model.VerbWrite, "controls", model.ResultUnset, 1)
	case ControlExecute:
		e.Operate(model.VerbExecute, "controls", model.ResultUnset, 1)
	default:
		d.station(e, f.Station)
	}
	return size, dissect.More
}

// station names a station that answered.
func (d *dissector) station(e dissect.Emitter, n uint8) {
	if d.named[n>>6]&(1<<(n&63)) != 0 {
		return
	}
	d.named[n>>6] |= 1 << (n & 63)
	f := e.Flow()
	s := dissect.About(f.Responder)
	s.Part = fmt.Sprintf("genisys:%d", n)
	e.Observe(dissect.Claim{Subject: s, Kind: model.KindIdentifier, Value: fmt.Sprintf("station %d", n), Source: "genisys.address"})
	if d.reported {
		return
	}
	d.reported = true
	e.Observe(dissect.Claim{Subject: dissect.About(f.Responder), Kind: model.KindRole, Value: "signalling field station", Source: "genisys.answer"})
	e.Observe(dissect.Claim{Subject: dissect.About(f.Initiator), Kind: model.KindRole, Value: "signalling master", Source: "genisys.answer"})
	e.Report(dissect.Weakness{Type: model.FindingNoAuthentication, Rule: "genisys.no_authentication", Version: 1, Subject: f.Responder,
		Peer: f.Initiator, Detail: "the protocol has no authentication", Evidence: "genisys.answer"})
}
