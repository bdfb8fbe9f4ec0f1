package s7comm

import (
	"fmt"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

type protocol struct{}

// New returns the S7 dissector.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "s7comm", Transport: dissect.TCP, Ports: []uint16{102}, MaxBuffer: maxTPKT}
}

// Probe looks behind the transport connection for the first byte of the first data: RDP and MMS
// open alike.
func (protocol) Probe(_ *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	for {
		tpdu, size := Next(data)
		switch {
		case size < 0:
			return dissect.NotMine
		case size == 0:
			return dissect.More
		}
		switch tpdu[1] & 0xf0 {
		case Connect, Confirm:
		case Data:
			p := Payload(tpdu)
			if len(p) >= 10 && (p[0] == 0x32 || p[0] == 0x72 && p[1] <= 3) {
				return dissect.Mine
			}
			return dissect.NotMine
		default:
			return dissect.NotMine
		}
		data = data[size:]
	}
}

func (protocol) New() dissect.Dissector { return &dissector{} }

type dissector struct{ reported bool }

func (d *dissector) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	tpdu, size := Next(data)
	if size < 0 {
		return 0, dissect.NotMine
	}
	if size == 0 {
		return 0, dissect.More
	}
	payload := Payload(tpdu)
	if len(payload) > 0 && payload[0] == 0x72 {
		e.Version("S7comm-plus")
		plus(e, e.Flow().Sender(dir), payload)
	} else if p, ok := Parse(payload); ok {
		d.message(e, dir, &p)
	}
	return size, dissect.More
}

// Gap goes on with the next packet.
func (d *dissector) Gap(dissect.Emitter, dissect.Direction, int) dissect.Verdict { return dissect.More }

func plus(e dissect.Emitter, who model.Endpoint, payload []byte) {
	order, version := Controller(payload)
	say(e, who, model.KindModel, order, "s7comm.plus_order_number")
	say(e, who, model.KindFirmware, version, "s7comm.plus_version")
}

func say(e dissect.Emitter, who model.Endpoint, kind model.Kind, v, source string) {
	e.Observe(dissect.Claim{Subject: dissect.About(who), Kind: kind, Value: v, Source: source})
}

// functions by code of jobs.
var functions = map[uint8]struct {
	verb   model.Verb
	object string
}{
	0x04: {model.VerbRead, "variable"}, 0x05: {model.VerbWrite, "variable"}, 0xf0: {model.VerbAssociate, "s7comm"},
	0x1a: {model.VerbWrite, "block"}, 0x1b: {model.VerbWrite, "block"}, 0x1c: {model.VerbWrite, "block"},
	0x1d: {model.VerbRead, "block"}, 0x1e: {model.VerbRead, "block"}, 0x1f: {model.VerbRead, "block"},
	0x28: {model.VerbExecute, "program"}, 0x29: {model.VerbExecute, "stop"},
}

func (d *dissector) message(e dissect.Emitter, dir dissect.Direction, p *PDU) {
	switch {
	case p.Kind == Ack || p.Kind == AckData:
		result := model.ResultOK
		if p.Error != 0 || p.Refused() {
			result = model.ResultFailed
		}
		if f, ok := functions[p.Function]; ok {
			e.Operate(f.verb, f.object, result, 1)
		}
		if !d.reported && result == model.ResultOK {
			d.reported = true
			e.Report(dissect.Weakness{Type: model.FindingNoAuthentication, Rule: "s7comm.no_authentication", Version: 1, Subject: e.Flow().Sender(dir),
				Peer: e.Flow().Receiver(dir), Detail: "jobs are done without authentication", Evidence: "s7comm.ack"})
		}
	case p.Kind == UserData && p.Group == 0x84 && p.Subfunction == 1:
		id, list := StatusList(p.Data)
		for _, r := range list {
			record(e, e.Flow().Sender(dir), id, r)
		}
	case p.Kind == UserData && p.Group == 0x45:
		e.Operate(model.VerbLogin, "password", model.ResultUnset, 1)
	}
}

// record claims a line of SZL 0011 (module identification) or 001C (component identification).
func record(e dissect.Emitter, who model.Endpoint, id uint16, r Record) {
	if id == 0x11 {
		order := string(wire.TrimText(r.Data[:min(20, len(r.Data))]))
		switch r.Index {
		case 1, 6:
			say(e, who, model.KindModel, order, "s7comm.order_number")
		case 7, 0x81:
			say(e, who, model.KindSoftware, order, "s7comm.order_number")
		}
		if len(r.Data) >= 26 && (r.Index == 7 || r.Index == 1) && r.Data[22] == 'V' {
			kind := model.KindFirmware
			if r.Index == 1 {
				kind = model.KindHardwareRevision
			}
			say(e, who, kind, fmt.Sprintf("V%d.%d.%d", r.Data[23], r.Data[24], r.Data[25]), "s7comm.version")
		}
		return
	}
	text := string(wire.TrimText(wire.Until(r.Data[:min(32, len(r.Data))], 0)))
	switch r.Index {
	case 1:
		say(e, who, model.KindHostname, text, "s7comm.system_name")
	case 2:
		say(e, who, model.KindIdentifier, text, "s7comm.module_name")
	case 5:
		say(e, who, model.KindSerial, text, "s7comm.serial_number")
	case 7:
		say(e, who, model.KindModel, text, "s7comm.module_type")
	}
}
