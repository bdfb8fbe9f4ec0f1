package modbus

import (
	"bytes"
	"strconv"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

const protoTCP = 6

type protocol struct{}

// New returns the Modbus dissector.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "modbus", Transport: dissect.TCP | dissect.UDP, Ports: []uint16{502}, MaxBuffer: maxADU}
}

// Probe wants one whole message whose lengths and counts fit its function, and off port 502 a
// second one, for eight bytes with three zeros are not much of a sign.
func (protocol) Probe(f *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	usual := f.Responder.Port == 502 || f.Initiator.Port == 502
	stream := f.Protocol == protoTCP
	for fitting := 0; ; {
		m, size := Next(data)
		if size < 0 || size == 0 && !stream {
			return dissect.NotMine
		}
		if size == 0 {
			return dissect.More
		}
		switch form := Judge(m.PDU); {
		case form == Wrong && !(usual && stream), m.PDU[0] == 90 && !usual: // a private function proves nothing
			return dissect.NotMine
		case form != Wrong:
			fitting++
		}
		if fitting == 2 || fitting == 1 && usual {
			return dissect.Mine
		}
		if data = data[size:]; len(data) == 0 {
			if !stream {
				return dissect.NotMine
			}
			return dissect.More // on the usual port a scan of functions begins with broken ones
		}
	}
}

func (protocol) New() dissect.Dissector { return &dissector{} }

type dissector struct {
	open     [8]transaction
	next     int
	units    [4]uint64 // set of unit ids claimed
	reported bool
	named    bool // the UMAS controller said who it is
}

type transaction struct {
	id   uint16
	set  bool
	unit uint8
	fc   uint8
	umas uint8 // the request's code, when fc is 90
}

func (d *dissector) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	m, size := Next(data)
	if size < 0 {
		return 0, dissect.NotMine
	}
	if size == 0 {
		return 0, dissect.More
	}
	form := Judge(m.PDU)
	if form == Response && dir == dissect.FromInitiator || form == Request && dir == dissect.FromResponder {
		if !e.Flow().Inferred {
			return size, dissect.More
		}
		e.Swap()
		dir = 1 - dir
	}
	switch {
	case dir == dissect.FromInitiator:
		d.request(e, &m)
	case form != Wrong: // what does not fit its function is not read
		d.response(e, &m)
	}
	return size, dissect.More
}

// Gap lets the next message begin behind lost bytes: masters poll in messages of one segment.
func (d *dissector) Gap(dissect.Emitter, dissect.Direction, int) dissect.Verdict {
	d.open = [8]transaction{}
	return dissect.More
}

func (d *dissector) unit(e dissect.Emitter, unit uint8) model.Subject {
	s := dissect.About(e.Flow().Responder)
	number := strconv.Itoa(int(unit))
	s.Part = wire.Join("modbus:", number)
	if d.units[unit>>6]&(1<<(unit&63)) == 0 {
		d.units[unit>>6] |= 1 << (unit & 63)
		e.Observe(dissect.Claim{Subject: s, Kind: model.KindIdentifier, Value: wire.Join("unit ", number), Source: "modbus.unit_id"})
		e.Observe(dissect.Claim{Subject: dissect.About(e.Flow().Initiator), Kind: model.KindCapability,
			Value: wire.Join("asks unit ", number), Source: "modbus.unit_id"})
	}
	return s
}

func (d *dissector) request(e dissect.Emitter, m *Frame) {
	d.unit(e, m.Unit)
	slot := &d.open[d.next%len(d.open)]
	if slot.set { // its answer was not seen
		count(e, slot.fc, model.ResultUnset)
	}
	*slot = transaction{m.Transaction, true, m.Unit, m.Function(), umasCode(m.PDU)}
	d.next++
}

func (d *dissector) response(e dissect.Emitter, m *Frame) {
	s := d.unit(e, m.Unit)
	asked := uint8(0)
	for i := range d.open {
		if t := &d.open[i]; t.set && t.id == m.Transaction && t.fc == m.Function() {
			t.set, asked = false, t.umas
			break
		}
	}
	result := model.ResultOK
	if m.Exception() {
		result = model.ResultFailed
		if code := m.PDU[1]; code == 1 || code == 2 || code == 3 {
			result = model.ResultRefused
		}
	}
	count(e, m.Function(), result)
	if m.Exception() {
		return
	}
	if !d.reported {
		d.reported = true
		e.Report(dissect.Weakness{Type: model.FindingNoAuthentication, Rule: "modbus.no_authentication", Version: 1, Subject: e.Flow().Responder,
			Peer: e.Flow().Initiator, Detail: "requests are answered without authentication", Evidence: "modbus.response"})
	}
	switch {
	case m.PDU[0] == 90:
		d.umas(e, m.PDU, asked)
	case m.PDU[0] == 43 && m.PDU[1] == identify && len(m.PDU) > 6:
		identity(e, s, m.PDU)
	case m.PDU[0] == 17 && len(m.PDU) > 4:
		if text := printable(m.PDU[2:]); text != "" {
			e.Observe(dissect.Claim{Subject: s, Kind: model.KindModel, Value: text, Source: "modbus.server_id"})
		}
	}
}

// printable is the longest run of at least four printable bytes: the identifier of function 17
// is the device's own affair, text with flags around it.
func printable(b []byte) string {
	best := []byte(nil)
	for len(b) > 0 {
		n := 0
		for n < len(b) && wire.Printable(b[n:n+1]) {
			n++
		}
		if n > len(best) {
			best = b[:n]
		}
		b = b[min(n+1, len(b)):]
	}
	if best = bytes.TrimSpace(best); len(best) < 4 {
		return ""
	}
	return string(best)
}

// objects of device identification: section 6.21, table of basic and regular objects. Object 6,
// the user application name, stays.
var objects = []struct {
	id     uint8
	kind   model.Kind
	source string
}{
	{0, model.KindVendor, "modbus.vendor_name"}, {1, model.KindModel, "modbus.product_code"}, {2, model.KindFirmware, "modbus.revision"},
	{4, model.KindModel, "modbus.product_name"}, {5, model.KindModel, "modbus.model_name"},
}

func identity(e dissect.Emitter, s model.Subject, pdu []byte) {
	texts := Objects(pdu)
	for _, o := range objects {
		if v := texts[o.id]; v != "" {
			e.Observe(dissect.Claim{Subject: s, Kind: o.kind, Value: v, Source: o.source})
		}
	}
}

func count(e dissect.Emitter, fc uint8, result model.Result) {
	verb, object := Operation(fc)
	e.Operate(verb, object, result, 1)
}

// Operation normalises a function code.
func Operation(fc uint8) (model.Verb, string) {
	switch fc {
	case 1:
		return model.VerbRead, "coil"
	case 2:
		return model.VerbRead, "discrete-input"
	case 3, 23:
		return model.VerbRead, "holding-register"
	case 4:
		return model.VerbRead, "input-register"
	case 5, 15:
		return model.VerbWrite, "coil"
	case 6, 16, 22:
		return model.VerbWrite, "holding-register"
	case 7, 11, 12, 17, 43:
		return model.VerbRead, "identification"
	case 8:
		return model.VerbExecute, "diagnostics"
	case 20:
		return model.VerbRead, "file"
	case 21:
		return model.VerbWrite, "file"
	case 90:
		return model.VerbExecute, "umas"
	}
	return model.VerbExecute, "function " + strconv.Itoa(int(fc))
}

// Close counts the requests whose answers were not seen.
func (d *dissector) Close(e dissect.Emitter) {
	for _, t := range d.open {
		if t.set {
			count(e, t.fc, model.ResultUnset)
		}
	}
}
