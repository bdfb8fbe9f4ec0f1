package bacnet

import (
	"fmt"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
)

type protocol struct{}

// New returns the BACnet/IP dissector.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "bacnet", Transport: dissect.UDP, Ports: []uint16{47808}}
}

func (protocol) Probe(_ *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	if _, ok := Parse(data); !ok {
		return dissect.NotMine
	}
	return dissect.Mine
}

func (protocol) New() dissect.Dissector { return &dissector{} }

type dissector struct {
	reported bool
	asked    [2]question // the confirmed request under way, by direction
	points   int         // names of points claimed so far
}

const maxPoints = 256 // a controller may have thousands; some show what it is for

type question struct {
	verb   model.Verb
	object string
}

// Unconfirmed and confirmed services: clause 21, BACnetUnconfirmedServiceChoice and its sibling.
const (
	serviceIAm          = 0
	serviceIHave        = 1
	serviceRead         = 12
	serviceReadMultiple = 14
)

// verbs of confirmed services.
var verbs = map[uint8]model.Verb{0: model.VerbNotify, 1: model.VerbNotify, 2: model.VerbNotify, 3: model.VerbQuery, 4: model.VerbQuery, 5: model.VerbConfigure,
	6: model.VerbRead, 7: model.VerbWrite, 8: model.VerbWrite, 9: model.VerbWrite, 10: model.VerbWrite, 11: model.VerbDelete, 12: model.VerbRead,
	14: model.VerbRead, 15: model.VerbWrite, 16: model.VerbWrite, 17: model.VerbConfigure, 18: model.VerbExecute, 19: model.VerbNotify,
	20: model.VerbExecute, 26: model.VerbRead, 28: model.VerbConfigure, 29: model.VerbQuery}

func (d *dissector) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	p, ok := Parse(data)
	if !ok {
		return len(data), dissect.More
	}
	s := dissect.About(e.Flow().Sender(dir))
	switch p.Function {
	case FunctionForwarded:
		say(e, s, model.KindRole, "BBMD", "bacnet.forwarded")
		if p.Origin != s.Addr {
			s = model.Subject{Addr: p.Origin}
		}
	case FunctionRegister:
		say(e, s, model.KindRole, "BACnet foreign device", "bacnet.register")
	}
	switch {
	case p.Network && p.Message == 1:
		say(e, s, model.KindRole, "BACnet router", "bacnet.i_am_router")
		for _, n := range Networks(p.Body) {
			say(e, s, model.KindCapability, fmt.Sprintf("routes BACnet network %d", n), "bacnet.i_am_router")
		}
	case p.HasAPDU && !p.Segment:
		d.application(e, dir, s, &p)
	}
	return len(data), dissect.More
}

func (d *dissector) application(e dissect.Emitter, dir dissect.Direction, s model.Subject, p *Packet) {
	switch p.Type {
	case Unconfirmed:
		unconfirmed(e, s, p)
	case Confirmed:
		object := ""
		if o, ok := First(p.Body); ok {
			object = ObjectClass(o)
		}
		d.asked[dir] = question{verbs[p.Service], object}
	case SimpleAck, ComplexAck, Error, Reject, Abort:
		d.answer(e, dir, s, p)
	}
}

func unconfirmed(e dissect.Emitter, s model.Subject, p *Packet) {
	switch p.Service {
	case serviceIAm:
		if x, ok := ParseIAm(p.Body); ok {
			s.Part = part(p.Source, x.Device)
			say(e, s, model.KindIdentifier, fmt.Sprintf("bacnet device %d", x.Device.Instance()), "bacnet.i_am")
			say(e, s, model.KindVendor, Vendor(x.Vendor), "bacnet.vendor_id")
		}
	case serviceIHave:
		if device, v, ok := ParseIHave(p.Body); ok {
			s.Part = part(p.Source, device)
			say(e, s, model.KindIdentifier, fmt.Sprintf("bacnet device %d", device.Instance()), "bacnet.i_have")
			property(e, s, &v)
		}
	}
}

// part names a device behind a router; on the datagram's own network it is the endpoint itself.
func part(network uint16, device Object) string {
	if network == 0 || network == 0xffff {
		return ""
	}
	return fmt.Sprintf("bacnet:%d:%d", network, device.Instance())
}

func (d *dissector) answer(e dissect.Emitter, dir dissect.Direction, s model.Subject, p *Packet) {
	q := d.asked[1-dir]
	d.asked[1-dir] = question{}
	result := model.ResultFailed
	if p.Type <= ComplexAck {
		result = model.ResultOK
	}
	if q.verb != model.VerbUnset {
		e.Operate(q.verb, q.object, result, 1)
	}
	if p.Type <= ComplexAck && !d.reported {
		d.reported = true
		e.Report(dissect.Weakness{Type: model.FindingNoAuthentication, Rule: "bacnet.no_authentication", Version: 1,
			Subject: e.Flow().Sender(dir), Peer: e.Flow().Receiver(dir), Detail: "requests are answered without authentication", Evidence: "bacnet.ack"})
	}
	if p.Type != ComplexAck {
		return
	}
	var values []Value
	switch p.Service {
	case serviceRead:
		if v, ok := ParseRead(p.Body); ok {
			values = []Value{v}
		}
	case serviceReadMultiple:
		values = ParseReadMultiple(p.Body)
	}
	for i := range values {
		about := s
		if p.Source != 0 {
			about.Part = part(p.Source, values[i].Object)
			if values[i].Object.Type() != DeviceType { // of which instance is not said
				about.Part = fmt.Sprintf("bacnet:%d@%x", p.Source, p.Address)
			}
		}
		if values[i].Object.Type() != DeviceType && values[i].Property == PropertyName {
			if d.points++; d.points > maxPoints {
				continue
			}
		}
		property(e, about, &values[i])
	}
}

// property claims what a property says. Only the device object speaks for the device; names of
// other objects are points of the plant, of which the first few show what it controls.
func property(e dissect.Emitter, s model.Subject, v *Value) {
	if v.Object.Type() != DeviceType {
		if v.Property == PropertyName {
			say(e, s, model.KindCapability, ObjectClass(v.Object)+" "+v.Text, "bacnet.object_name")
		}
		return
	}
	switch v.Property {
	case PropertyName:
		say(e, s, model.KindHostname, v.Text, "bacnet.object_name")
	case PropertyModel:
		say(e, s, model.KindModel, v.Text, "bacnet.model_name")
	case PropertyVendorName:
		say(e, s, model.KindVendor, v.Text, "bacnet.vendor_name")
	case PropertyVendorID:
		say(e, s, model.KindVendor, Vendor(v.Number), "bacnet.vendor_id")
	case PropertyFirmware:
		say(e, s, model.KindFirmware, v.Text, "bacnet.firmware_revision")
	case PropertyApplicationVersion:
		say(e, s, model.KindSoftware, v.Text, "bacnet.application_software_version")
	case PropertyLocation:
		say(e, s, model.KindLocation, v.Text, "bacnet.location")
	case PropertySerial:
		say(e, s, model.KindSerial, v.Text, "bacnet.serial_number")
	}
}

func say(e dissect.Emitter, s model.Subject, kind model.Kind, v, source string) {
	e.Observe(dissect.Claim{Subject: s, Kind: kind, Value: v, Source: source})
}
