package intellivue

import (
	"bytes"
	"fmt"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

type protocol struct{}

// New returns the IntelliVue data export dissector.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "intellivue", Transport: dissect.UDP, Ports: []uint16{24105, 24005}}
}

func (protocol) Probe(_ *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	if _, ok := Parse(data); !ok {
		return dissect.NotMine
	}
	return dissect.Mine
}

func (protocol) New() dissect.Dissector { return &dissector{} }

type dissector struct{ reported bool }

// Attributes that are read: "Attribute Data Types and Constants Used".
const (
	attrBedLabel       = 0x091e
	attrModel          = 0x0928
	attrSpecification  = 0x092d
	attrSystemID       = 0x0984
	attrSystemType     = 0x0986
	attrNetworkAddress = 0xf100
	attrProtocols      = 0xf101
)

// roles by system type: ISO/IEEE 11073-10101, MDS device types.
var roles = map[uint16]string{0x114d: "patient monitor", 0x1011: "gas analyser", 0x1161: "infusion pump", 0x1171: "ventilator"}

// polled names the classes of objects that a poll asks for.
var polled = map[uint16]string{6: "numerics", 9: "waves", 33: "system", 42: "patient-demographics", 54: "alerts"}

func (d *dissector) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	m, ok := Parse(data)
	if !ok {
		return len(data), dissect.More
	}
	switch {
	case m.Session == SessionConnect:
		if dir == dissect.FromResponder {
			e.Swap()
		}
	case m.Session == SessionAccept:
		if dir == dissect.FromInitiator {
			e.Swap()
		}
		e.Operate(model.VerbAssociate, "intellivue", model.ResultOK, 1)
		d.findings(e)
	case m.Session == SessionRefuse:
		e.Operate(model.VerbAssociate, "intellivue", model.ResultRefused, 1)
	case m.Event == eventCreate || m.Event == eventIndication:
		attributes(e, dissect.About(e.Flow().Sender(dir)), m.Attributes)
	case m.Poll != 0:
		if what, known := polled[m.Poll]; known {
			e.Operate(model.VerbRead, what, model.ResultUnset, 1)
		}
	}
	return len(data), dissect.More
}

// findings reports once what is wrong with every association; an indication is a mere broadcast.
func (d *dissector) findings(e dissect.Emitter) {
	if d.reported {
		return
	}
	d.reported = true
	dissect.Cleartext(e, "intellivue", "intellivue.association")
	e.Report(dissect.Weakness{Type: model.FindingNoAuthentication, Rule: "intellivue.no_authentication", Version: 1, Subject: e.Flow().Responder,
		Peer: e.Flow().Initiator, Detail: "the association carries no credential", Evidence: "intellivue.association"})
}

func attributes(e dissect.Emitter, s model.Subject, list wire.Cursor) {
	say := func(kind model.Kind, v, source string) {
		e.Observe(dissect.Claim{Subject: s, Kind: kind, Value: v, Source: source})
	}
	for {
		id, v, ok := next(&list)
		if !ok {
			return
		}
		switch id {
		case attrSystemType:
			if partition, code := v.U16(), v.U16(); v.OK() && partition == 1 {
				say(model.KindRole, roles[code], "intellivue.system_type")
			}
		case attrSystemID:
			if b := v.Bytes(int(v.U16())); len(b) == 6 || len(b) == 8 {
				say(model.KindIdentifier, wire.Colons(b), "intellivue.system_id")
			}
		case attrModel:
			vendor, number := label(&v), label(&v)
			if v.OK() {
				say(model.KindVendor, string(vendor), "intellivue.manufacturer")
				say(model.KindModel, string(number), "intellivue.model_number")
			}
		case attrSpecification:
			product(say, specification(v))
		case attrBedLabel:
			say(model.KindLocation, wide(&v), "intellivue.bed_label")
		case attrNetworkAddress:
			v.Skip(6)
			if ip := v.Bytes(4); ip != nil {
				say(model.KindAddressBinding, model.AddrFrom4(ip).String(), "intellivue.address_info")
			}
		case attrProtocols:
			ports(say, v)
		}
	}
}

// Components and kinds of a Production Specification.
const (
	componentProduct  = 0x0008
	componentSoftware = 0x0058
	kindSerial        = 1
	kindHardware      = 3
	kindSoftware      = 4
)

func product(say func(model.Kind, string, string), list []entry) {
	for _, x := range list {
		text := string(x.text)
		switch {
		case len(bytes.Trim(x.text, "-")) == 0: // the filler of what is not fitted
		case x.component == componentProduct && x.kind == kindSerial:
			say(model.KindSerial, text, "intellivue.serial_number")
		case x.component == componentProduct && x.kind == kindHardware:
			say(model.KindHardwareRevision, text, "intellivue.hardware_revision")
		case x.component == componentProduct && x.kind == kindSoftware || x.component == componentSoftware && x.kind == kindSoftware:
			say(model.KindFirmware, text, "intellivue.software_revision")
		}
	}
}

// ports reads the Protocol Support: application protocols 1 (association control) and 5 (data
// export) on transport 1 (UDP).
func ports(say func(model.Kind, string, string), v wire.Cursor) {
	const most = 16
	count := int(v.U16())
	v.Skip(2)
	for range min(count, most) {
		application, transport, port := v.U16(), v.U16(), v.U16()
		v.Skip(2)
		if v.OK() && application == 5 && transport == 1 {
			say(model.KindServiceOffered, fmt.Sprintf("data export on udp port %d", port), "intellivue.protocol_support")
		}
	}
}
