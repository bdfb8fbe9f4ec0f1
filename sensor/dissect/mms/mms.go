package mms

import (
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
)

type protocol struct{}

// New returns the MMS dissector.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "mms", Transport: dissect.TCP, Ports: []uint16{102}, MaxBuffer: maxTPKT}
}

// Probe looks behind the transport connection for a session connect that carries an MMS
// initiate, or a data transfer with an MMS message.
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
		case 0xe0, 0xd0:
		case 0xf0:
			if is(tpdu) {
				return dissect.Mine
			}
			return dissect.NotMine
		default:
			return dissect.NotMine
		}
		data = data[size:]
	}
}

func is(tpdu []byte) bool {
	s, ok := ParseSession(tpdu[min(len(tpdu), 1+int(tpdu[0])):])
	if !ok {
		return false
	}
	if s.Kind == 1 {
		_, ok = Transfer(s.User)
	} else {
		_, ok = Initiate(s.User)
	}
	return ok
}

func (protocol) New() dissect.Dissector { return &dissector{} }

type dissector struct{}

// services that say what is done: ISO 9506-2, confirmed service choice.
var services = map[uint8]struct {
	verb   model.Verb
	object string
}{
	0: {model.VerbRead, "status"}, 1: {model.VerbQuery, "name-list"}, 2: {model.VerbRead, "identity"}, 4: {model.VerbRead, "variable"},
	5: {model.VerbWrite, "variable"}, 6: {model.VerbRead, "type"}, 11: {model.VerbConfigure, "variable-list"}, 12: {model.VerbRead, "type"},
	13: {model.VerbDelete, "variable-list"}, 72: {model.VerbRead, "file"}, 73: {model.VerbRead, "file"}, 74: {model.VerbRead, "file"},
	76: {model.VerbDelete, "file"}, 77: {model.VerbQuery, "directory"},
}

func (d *dissector) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	tpdu, size := Next(data)
	if size < 0 {
		return 0, dissect.NotMine
	}
	if size == 0 {
		return 0, dissect.More
	}
	if tpdu[1]&0xf0 != 0xf0 {
		return size, dissect.More
	}
	s, ok := ParseSession(tpdu[min(len(tpdu), 1+int(tpdu[0])):])
	if !ok {
		return size, dissect.More
	}
	if s.Kind != 1 {
		if p, ok := Initiate(s.User); ok && p.Kind == InitiateResponse {
			e.Operate(model.VerbAssociate, "mms", model.ResultOK, 1)
		}
		return size, dissect.More
	}
	if p, ok := Transfer(s.User); ok && p.Kind == ConfirmedResponse {
		if op, known := services[p.Service]; known {
			e.Operate(op.verb, op.object, model.ResultOK, 1)
		}
		if x, ok := ParseIdentity(p.Body); ok && p.Service == 2 {
			who := dissect.About(e.Flow().Sender(dir))
			e.Observe(dissect.Claim{Subject: who, Kind: model.KindVendor, Value: x.Vendor, Source: "mms.vendor_name"})
			e.Observe(dissect.Claim{Subject: who, Kind: model.KindModel, Value: x.Model, Source: "mms.model_name"})
			e.Observe(dissect.Claim{Subject: who, Kind: model.KindFirmware, Value: x.Revision, Source: "mms.revision"})
		}
	}
	return size, dissect.More
}

// Gap goes on with the next packet.
func (d *dissector) Gap(dissect.Emitter, dissect.Direction, int) dissect.Verdict { return dissect.More }
