package fins

import (
	"fmt"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

const (
	protoTCP = 6
	port     = 9600
)

type protocol struct{}

// New returns the FINS dissector.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "fins", Transport: dissect.TCP | dissect.UDP, Ports: []uint16{port}, MaxBuffer: 4096}
}

// Probe takes the magic number of FINS/TCP; a datagram has none, so there the port has to be
// the usual one too.
func (protocol) Probe(f *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	if f.Protocol == protoTCP {
		switch _, size := NextTCP(data); {
		case size < 0:
			return dissect.NotMine
		case size == 0:
			return dissect.More
		}
		return dissect.Mine
	}
	if _, ok := Parse(data); !ok || f.Responder.Port != port && f.Initiator.Port != port {
		return dissect.NotMine
	}
	return dissect.Mine
}

func (protocol) New() dissect.Dissector { return &dissector{} }

type dissector struct{ reported bool }

func (d *dissector) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	size := len(data)
	if e.Flow().Protocol == protoTCP {
		if data, size = NextTCP(data); size < 0 {
			return 0, dissect.NotMine
		} else if size == 0 {
			return 0, dissect.More
		}
	}
	if f, ok := Parse(data); ok {
		d.frame(e, dir, &f)
	}
	return size, dissect.More
}

func (d *dissector) frame(e dissect.Emitter, dir dissect.Direction, f *Frame) {
	if !f.Response {
		return
	}
	result := model.ResultOK
	if f.Code&0x7f3f != 0 { // relay and non-fatal error bits may stand beside a normal end
		result = model.ResultFailed
	}
	verb, object := operation(f.Command)
	e.Operate(verb, object, result, 1)
	who := e.Flow().Sender(dir)
	if !d.reported && result == model.ResultOK {
		d.reported = true
		e.Report(dissect.Weakness{Type: model.FindingNoAuthentication, Rule: "fins.no_authentication", Version: 1, Subject: who,
			Peer: e.Flow().Receiver(dir), Detail: "commands are answered without authentication", Evidence: "fins.response"})
	}
	if f.Command == 0x0501 && len(f.Body) >= 40 { // controller data: W342, section 5-3-17
		s := dissect.About(who)
		e.Observe(dissect.Claim{Subject: s, Kind: model.KindModel, Value: string(wire.TrimText(f.Body[:20])), Source: "fins.controller_model"})
		e.Observe(dissect.Claim{Subject: s, Kind: model.KindFirmware, Value: string(wire.TrimText(f.Body[20:40])), Source: "fins.controller_version"})
	}
}

// operation normalises a command code.
func operation(command uint16) (model.Verb, string) {
	switch command {
	case 0x0101, 0x0104:
		return model.VerbRead, "memory"
	case 0x0102, 0x0103, 0x0105:
		return model.VerbWrite, "memory"
	case 0x0201, 0x0306, 0x0601, 0x0701, 0x2101, 0x2102:
		return model.VerbRead, "status"
	case 0x0401:
		return model.VerbExecute, "run"
	case 0x0402:
		return model.VerbExecute, "stop"
	case 0x0501, 0x0502:
		return model.VerbRead, "identification"
	}
	switch command >> 8 {
	case 0x02, 0x03, 0x07, 0x23, 0x26:
		return model.VerbWrite, fmt.Sprintf("command %04x", command)
	case 0x22:
		return model.VerbRead, "file"
	}
	return model.VerbExecute, fmt.Sprintf("command %04x", command)
}
