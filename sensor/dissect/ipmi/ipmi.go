package ipmi

import (
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

// The classes of RMCP messages (ASF 2.0, section 3.2.2.1).
const (
	classASF  = 6
	classIPMI = 7
)

const (
	asfPong     = 0x40
	maxMessages = 24 // a session begins with up to eight
)

type protocol struct{}

// New returns the protocol.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "ipmi", Transport: dissect.UDP, Ports: []uint16{623, 664}}
}

// Probe wants RMCP's header: version 6, a reserved byte, a class, and the form of that class.
func (protocol) Probe(_ *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	if len(data) < 12 || data[0] != 6 || data[1] != 0 || data[3]&0x60 != 0 {
		return dissect.NotMine
	}
	switch data[3] & 0x1f {
	case classASF:
		if data[4] == 0 && data[5] == 0 && data[6] == 0x11 && data[7] == 0xbe { // the enterprise number of ASF
			return dissect.Mine
		}
	case classIPMI:
		if a := data[4]; a <= 6 && a != 3 {
			return dissect.Mine
		}
	}
	return dissect.NotMine
}

func (protocol) New() dissect.Dissector { return &reader{} }

type reader struct{ messages int }

func (r *reader) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	if r.messages++; r.messages > maxMessages || len(data) < 12 {
		return len(data), dissect.Done
	}
	f := e.Flow()
	if data[3]&0x1f == classASF && data[8] == asfPong || data[3]&0x1f == classIPMI && dir == dissect.FromResponder {
		e.Observe(dissect.Claim{Subject: dissect.About(f.Sender(dir)), Kind: model.KindRole, Value: "management controller", Source: "ipmi.class"})
	}
	if support, ok := capabilities(data); ok && support&1 != 0 && dir == dissect.FromResponder {
		e.Report(dissect.Weakness{Type: model.FindingNoAuthentication, Rule: "ipmi.no_authentication", Version: 1, Subject: f.Sender(dir), Peer: f.Receiver(dir),
			Detail: "sessions without authentication", Evidence: "ipmi.channel_authentication_capabilities"})
	}
	if d, ok := parseDevice(data); ok && dir == dissect.FromResponder {
		d.tell(e, dissect.About(f.Sender(dir)))
	}
	if id, ok := system(data); ok && dir == dissect.FromResponder {
		e.Observe(dissect.Claim{Subject: dissect.About(f.Sender(dir)), Kind: model.KindIdentifier, Value: "system " + id, Source: "ipmi.system_guid"})
	}
	return len(data), dissect.More
}

// capabilities reads the authentication types of a Get Channel Authentication Capabilities answer
// outside of a session (IPMI 2.0, section 22.13): bit 0 is "none".
func capabilities(data []byte) (types byte, ok bool) {
	c := wire.At(data)
	c.Skip(4)
	if c.U8() != 0 {
		return 0, false
	}
	c.Skip(8 + 1) // session numbers, length
	c.Skip(1)
	function := c.U8()
	c.Skip(3)
	command, completion := c.U8(), c.U8()
	c.Skip(1)
	types = c.U8()
	return types, c.OK() && function>>2 == 7 && command == 0x38 && completion == 0
}
