package ieee11073

import (
	"encoding/binary"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

type protocol struct{}

// New returns the IEEE 11073-20601 dissector.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "ieee11073", Transport: dissect.TCP | dissect.UDP, MaxBuffer: header + maxRead}
}

func (protocol) Probe(f *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	switch probe(data, f.Protocol == udp) {
	case 1:
		return dissect.Mine
	case 0:
		return dissect.More
	}
	return dissect.NotMine
}

func (protocol) New() dissect.Dissector { return &dissector{} }

const (
	udp     = 17
	maxRead = 4 << 10 // bytes of a message that is read; a longer one is skipped
)

type dissector struct {
	reported bool
	asked    [2]bool   // a read of the MDS object is under way, by the direction of the request
	invoke   [2]uint16 // its id
}

func (d *dissector) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	if len(data) < header {
		return 0, dissect.More
	}
	kind, n := binary.BigEndian.Uint16(data), int(binary.BigEndian.Uint16(data[2:]))
	if kind < AssociationRequest || kind > Presentation || kind&0xff != 0 {
		return 0, dissect.NotMine
	}
	if n > maxRead {
		return header + n, dissect.More
	}
	if len(data) < header+n {
		return 0, dissect.More
	}
	body := data[header : header+n]
	switch kind {
	case AssociationRequest, AssociationResponse:
		if a, ok := ParseAssociation(kind, body); ok {
			d.association(e, dir, kind, &a)
		}
	case Presentation:
		if x, ok := ParseData(body); ok {
			d.data(e, dir, &x)
		}
	}
	return header + n, dissect.More
}

func (d *dissector) association(e dissect.Emitter, dir dissect.Direction, kind uint16, a *Association) {
	s := dissect.About(e.Flow().Sender(dir))
	say := func(k model.Kind, v, source string) {
		e.Observe(dissect.Claim{Subject: s, Kind: k, Value: v, Source: source})
	}
	say(model.KindIdentifier, system(a.SystemID), "ieee11073.system_id")
	switch {
	case a.Agent && !a.Manager:
		say(model.KindRole, "personal health device", "ieee11073.system_type")
	case a.Manager && !a.Agent:
		say(model.KindRole, "personal health gateway", "ieee11073.system_type")
	}
	if kind == AssociationRequest {
		return
	}
	if !a.Accepted() {
		e.Operate(model.VerbAssociate, "ieee11073", model.ResultRefused, 1)
		return
	}
	e.Operate(model.VerbAssociate, "ieee11073", model.ResultOK, 1)
	if !d.reported {
		d.reported = true
		dissect.Cleartext(e, "ieee11073", "ieee11073.association")
		e.Report(dissect.Weakness{Type: model.FindingNoAuthentication, Rule: "ieee11073.no_authentication", Version: 1, Subject: e.Flow().Responder,
			Peer: e.Flow().Initiator, Detail: "the association carries no credential", Evidence: "ieee11073.association"})
	}
}

// system writes a System-Id, an EUI-64.
func system(id []byte) string {
	if len(id) != 8 {
		return ""
	}
	return wire.Colons(id)
}

func (d *dissector) data(e dissect.Emitter, dir dissect.Direction, x *Data) {
	switch {
	case x.Choice == choiceGet && x.Handle == 0:
		d.asked[dir], d.invoke[dir] = true, x.Invoke
	case x.Choice == choiceGetDone && x.Handle == 0 && d.asked[1-dir] && d.invoke[1-dir] == x.Invoke:
		d.asked[1-dir] = false
		describe(e, dissect.About(e.Flow().Sender(dir)), Attributes(x.Body))
	}
}

// Attributes of the MDS object that are read.
const (
	attrModel         = 0x0928
	attrSpecification = 0x092d
	attrSystemID      = 0x0984
	attrSpecList      = 0x0a5a
)

// roles by device specialisation: IEEE 11073-104xx.
var roles = map[uint16]string{4100: "pulse oximeter", 4102: "ECG recorder", 4103: "blood pressure monitor", 4104: "thermometer", 4109: "respiration monitor",
	4111: "weighing scale", 4113: "glucose meter", 4114: "coagulation meter", 4115: "insulin pump", 4116: "body composition analyser", 4117: "peak flow meter",
	4118: "urine analyser", 4120: "sleep apnoea therapy device"}

// kinds of entries of a Production-Specification: 1 serial number to 5 firmware revision.
var kinds = map[uint16]struct {
	kind   model.Kind
	source string
}{1: {model.KindSerial, "ieee11073.serial_number"}, 3: {model.KindHardwareRevision, "ieee11073.hardware_revision"},
	4: {model.KindFirmware, "ieee11073.software_revision"}, 5: {model.KindFirmware, "ieee11073.firmware_revision"}}

func describe(e dissect.Emitter, s model.Subject, list []Attribute) {
	say := func(k model.Kind, v, source string) {
		e.Observe(dissect.Claim{Subject: s, Kind: k, Value: v, Source: source})
	}
	for _, a := range list {
		v := a.Value
		switch a.ID {
		case attrSystemID:
			say(model.KindIdentifier, system(v.Bytes(int(v.U16()))), "ieee11073.system_id")
		case attrModel:
			vendor, number := octets(&v), octets(&v)
			if v.OK() {
				say(model.KindVendor, string(vendor), "ieee11073.manufacturer")
				say(model.KindModel, string(number), "ieee11073.model_number")
			}
		case attrSpecList:
			types := list16(v)
			for types.Len() >= 4 {
				say(model.KindRole, roles[types.U16()], "ieee11073.system_type_spec")
				types.Skip(2)
			}
		case attrSpecification:
			specification(say, v)
		}
	}
}

// list16 skips a list's count and returns its elements.
func list16(c wire.Cursor) wire.Cursor {
	c.Skip(2)
	return c.Sub(int(c.U16()))
}

func specification(say func(model.Kind, string, string), v wire.Cursor) {
	const most = 16
	entries := list16(v)
	for range most {
		kind := entries.U16()
		entries.Skip(2)
		text := octets(&entries)
		if !entries.OK() {
			return
		}
		if k, known := kinds[kind]; known {
			say(k.kind, string(text), k.source)
		}
	}
}
