package enip

import (
	"fmt"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
)

const protoTCP = 6

type protocol struct{}

// New returns the EtherNet/IP dissector.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "enip", Transport: dissect.TCP | dissect.UDP, Ports: []uint16{44818, 2222}, MaxBuffer: 64 << 10}
}

func (protocol) Probe(f *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	if f.Protocol != protoTCP && isIO(data) {
		return dissect.Mine
	}
	x, size := Next(data)
	switch {
	case size < 0:
		return dissect.NotMine
	case size == 0 && f.Protocol == protoTCP:
		return dissect.More
	case size == 0 || f.Protocol != protoTCP && size != len(data):
		return dissect.NotMine
	}
	if x.Command >= SendRRData && len(x.Data) >= 16 {
		if _, ok := Items(x.Data[6:]); !ok {
			return dissect.NotMine
		}
	}
	return dissect.Mine
}

func (protocol) New() dissect.Dissector { return &dissector{} }

type dissector struct {
	identity bool // the identity object was asked for
	last     CIP
	open     bool // last awaits its reply
	reported bool
}

func (d *dissector) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	if e.Flow().Protocol != protoTCP && isIO(data) {
		e.Operate(model.VerbWrite, "cyclic-data", model.ResultUnset, 1)
		return len(data), dissect.More
	}
	f, size := Next(data)
	if size < 0 {
		return 0, dissect.NotMine
	}
	if size == 0 {
		return 0, dissect.More
	}
	sender := e.Flow().Sender(dir)
	switch f.Command {
	case ListIdentity:
		if x, ok := identityOf(f.Data); ok {
			claim(e, sender, &x, "enip.list_identity")
		}
	case RegisterSession:
		if dir == dissect.FromResponder && f.Status == 0 && !d.reported {
			d.reported = true
			e.Report(dissect.Weakness{Type: model.FindingNoAuthentication, Rule: "enip.no_authentication", Version: 1, Subject: sender,
				Peer: e.Flow().Receiver(dir), Detail: "sessions are opened without authentication", Evidence: "enip.register_session"})
		}
	case SendRRData, SendUnitData:
		if m, ok := message(f.Data); ok {
			d.message(e, sender, &m)
		}
	}
	return size, dissect.More
}

// Gap goes on with the next message: sessions are polled one message a segment.
func (d *dissector) Gap(dissect.Emitter, dissect.Direction, int) dissect.Verdict {
	d.open, d.identity = false, false
	return dissect.More
}

const (
	classIdentity        = 1
	classManager         = 6 // of connections
	serviceAttributesAll = 1
	serviceSend          = 0x52
)

func (d *dissector) message(e dissect.Emitter, sender model.Endpoint, m *CIP) {
	if !m.Reply {
		d.last, d.open = *m, true
		d.last.Data = nil
		d.identity = m.Class == classIdentity && m.Service == serviceAttributesAll
		return
	}
	if d.identity && m.Service == serviceAttributesAll && m.Status == 0 {
		if x, ok := ParseIdentity(m.Data); ok {
			claim(e, sender, &x, "enip.identity_object")
		}
	}
	if d.open && (d.last.Service == m.Service || d.last.Routed && m.Service == serviceSend) {
		result := model.ResultOK
		if m.Status != 0 && m.Status != 6 { // 6: partial transfer
			result = model.ResultFailed
		}
		object := "tag"
		if !d.last.Tag {
			object = fmt.Sprintf("class %#x", d.last.Class)
		}
		e.Operate(verb(d.last.Service), object, result, 1)
	}
	d.open, d.identity = false, false
}

// verb by CIP service: volume 1, appendix A; 4c to 53 are Rockwell's tag services.
func verb(service uint8) model.Verb {
	switch service {
	case 0x01, 0x03, 0x0e, 0x4c, 0x52, 0x55:
		return model.VerbRead
	case 0x02, 0x04, 0x10, 0x4d, 0x53:
		return model.VerbWrite
	case 0x05, 0x06, 0x07:
		return model.VerbExecute
	case 0x08, 0x15, 0x16:
		return model.VerbConfigure
	case 0x09:
		return model.VerbDelete
	case 0x54, 0x5b:
		return model.VerbAssociate
	}
	return model.VerbExecute
}

// vendors by ODVA's vendor number: the ones that are certain.
var vendors = map[uint16]string{1: "Rockwell Automation", 5: "Rockwell Automation", 40: "WAGO", 47: "Omron", 90: "HMS", 108: "Beckhoff", 243: "Schneider Electric", 283: "Hilscher"}

// kinds by device type number: volume 1, chapter 6.
var kinds = map[uint16]string{0x00: "generic device", 0x02: "AC drive", 0x03: "motor overload", 0x07: "discrete I/O", 0x0c: "communications adapter",
	0x0e: "programmable logic controller", 0x10: "position controller", 0x13: "DC drive", 0x18: "human-machine interface", 0x1b: "pneumatic valve",
	0x22: "encoder", 0x25: "CIP motion drive", 0x2b: "generic device", 0x2c: "managed switch"}

func claim(e dissect.Emitter, who model.Endpoint, x *Identity, source string) {
	say := func(kind model.Kind, v string) {
		e.Observe(dissect.Claim{Subject: dissect.About(who), Kind: kind, Value: v, Source: source})
	}
	vendor := vendors[x.Vendor]
	if vendor == "" {
		vendor = fmt.Sprintf("ODVA vendor %d", x.Vendor)
	}
	say(model.KindVendor, vendor)
	say(model.KindModel, x.Name)
	say(model.KindIdentifier, fmt.Sprintf("product code %d", x.Product))
	say(model.KindFirmware, fmt.Sprintf("%d.%d", x.Major, x.Minor))
	say(model.KindSerial, fmt.Sprintf("0x%08x", x.Serial))
	say(model.KindRole, kinds[x.Type])
}
