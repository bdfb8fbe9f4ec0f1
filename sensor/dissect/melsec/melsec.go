package melsec

import (
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

const udp = 17

type protocol struct{}

// New returns the SLMP dissector.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "melsec", Transport: dissect.TCP | dissect.UDP, Ports: []uint16{5007, 5006, 5000, 5002}, MaxBuffer: maxFrame}
}

// Probe wants a whole request with a command of the specification. An answer alone says little.
func (protocol) Probe(f *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	x, size := Next(data)
	switch {
	case size < 0, size == 0 && f.Protocol == udp, size > 0 && f.Protocol == udp && size != len(data):
		return dissect.NotMine
	case size == 0:
		return dissect.More
	case x.Answer:
		return dissect.More
	case commands[x.Command] == "":
		return dissect.NotMine
	}
	return dissect.Mine
}

func (protocol) New() dissect.Dissector { return &dissector{} }

type dissector struct {
	asked    uint16 // command of the request under way; 0 none
	serial   uint16
	reported bool
}

func (d *dissector) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	x, size := Next(data)
	switch {
	case size < 0:
		return 0, dissect.NotMine
	case size == 0:
		return 0, dissect.More
	}
	if x.Answer == (dir == dissect.FromInitiator) {
		if !e.Flow().Inferred {
			return size, dissect.More
		}
		e.Swap()
	}
	if !x.Answer {
		d.asked, d.serial = x.Command, x.Serial
		return size, dissect.More
	}
	if d.asked != 0 && d.serial == x.Serial {
		d.answer(e, &x)
		d.asked = 0
	}
	return size, dissect.More
}

func (d *dissector) answer(e dissect.Emitter, x *Frame) {
	server := e.Flow().Responder
	result := model.ResultOK
	if x.End != 0 {
		result = model.ResultFailed
	}
	if what := commands[d.asked]; what != "" {
		e.Operate(verb(d.asked), what, result, 1)
	}
	if x.End != 0 {
		return
	}
	if !d.reported {
		d.reported = true
		say(e, server, model.KindRole, "PLC", "melsec.answer")
		say(e, server, model.KindVendor, "Mitsubishi Electric", "melsec.answer")
		e.Report(dissect.Weakness{Type: model.FindingNoAuthentication, Rule: "melsec.no_authentication", Version: 1, Subject: server,
			Peer: e.Flow().Initiator, Detail: "requests are answered without authentication", Evidence: "melsec.answer"})
	}
	if d.asked == readType && len(x.Body) >= 16 {
		if name := wire.TrimText(x.Body[:16]); wire.Printable(name) {
			say(e, server, model.KindModel, string(name), "melsec.type_name")
		}
	}
}

func say(e dissect.Emitter, who model.Endpoint, kind model.Kind, v, source string) {
	e.Observe(dissect.Claim{Subject: dissect.About(who), Kind: kind, Value: v, Source: source})
}

func verb(command uint16) model.Verb {
	switch command >> 8 {
	case 0x04, 0x06, 0x08, 0x01, 0x0e:
		return model.VerbRead
	case 0x14, 0x16:
		return model.VerbWrite
	case 0x18:
		return model.VerbRead
	}
	return model.VerbExecute
}
