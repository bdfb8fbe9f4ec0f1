package capwap

import (
	"fmt"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

const (
	port        = 5246
	maxMessages = 24
)

// The message types and elements that are read (RFC 5415, sections 4.5.1.1 and 4.6).
const (
	msgDiscoveryRequest  = 1
	msgDiscoveryResponse = 2
	msgJoinRequest       = 3
	lastMessage          = 26

	elemControllerName = 4
	elemBoardData      = 38
	elemDescriptor     = 39
)

type protocol struct{}

// New returns the protocol.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "capwap", Transport: dissect.UDP, Ports: []uint16{port}}
}

// Probe wants a header in clear with a control message whose length fits, or a record of DTLS
// behind the preamble (RFC 5415, sections 4.2 and 4.3), on the control port.
func (protocol) Probe(f *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	if f.Initiator.Port != port && f.Responder.Port != port {
		return dissect.NotMine
	}
	if encrypted(data) {
		return dissect.Mine
	}
	if _, _, ok := control(data); ok {
		return dissect.Mine
	}
	return dissect.NotMine
}

func encrypted(data []byte) bool {
	return len(data) > 17 && data[0] == 1 && data[1] == 0 && data[2] == 0 && data[3] == 0 && data[4] >= 20 && data[4] <= 23 && data[5] == 0xfe
}

// control finds the elements of a control message in clear.
func control(data []byte) (kind uint32, elements wire.Cursor, ok bool) {
	c := wire.At(data)
	if c.U8() != 0 {
		return 0, elements, false
	}
	header := 4 * int(c.U8()>>3)
	if header < 8 || header > 32 {
		return 0, elements, false
	}
	c.Skip(header - 2)
	kind = c.U32()
	c.Skip(1)
	n := int(c.U16())
	c.Skip(1)
	if !c.OK() || kind == 0 || kind > lastMessage || n < 3 || n-3 > c.Len() {
		return 0, elements, false
	}
	return kind, c.Sub(n - 3), true
}

func (protocol) New() dissect.Dissector { return &session{} }

type session struct{ messages int }

func (s *session) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	if s.messages++; s.messages > maxMessages {
		return len(data), dissect.Done
	}
	if f := e.Flow(); f.Initiator.Port == port && f.Responder.Port != port {
		e.Swap() // the controller's answer was the first that was seen
		dir = 1 - dir
	}
	if encrypted(data) {
		e.Encrypted()
		e.Inner("dtls", dir, data[4:])
		return len(data), dissect.More
	}
	kind, elements, ok := control(data)
	if !ok {
		return len(data), dissect.More
	}
	sender := dissect.About(e.Flow().Sender(dir))
	switch kind {
	case msgDiscoveryRequest, msgJoinRequest:
		e.Observe(dissect.Claim{Subject: sender, Kind: model.KindRole, Value: "access point", Source: "capwap.message_type"})
	case msgDiscoveryResponse:
		e.Observe(dissect.Claim{Subject: sender, Kind: model.KindRole, Value: "wireless controller", Source: "capwap.message_type"})
	}
	for elements.Len() >= 4 {
		id := elements.U16()
		value := elements.Sub(int(elements.U16()))
		if !elements.OK() {
			break
		}
		element(e, sender, id, value)
	}
	return len(data), dissect.More
}

func element(e dissect.Emitter, sender model.Subject, id uint16, value wire.Cursor) {
	switch id {
	case elemControllerName:
		e.Observe(dissect.Claim{Subject: sender, Kind: model.KindHostname, Value: string(value.Rest()), Source: "capwap.ac_name"})
	case elemBoardData:
		value.Skip(4) // the vendor's number
		for value.Len() >= 4 {
			kind := value.U16()
			v := value.Bytes(int(value.U16()))
			if !value.OK() || !wire.Printable(v) {
				return
			}
			switch kind {
			case 0:
				e.Observe(dissect.Claim{Subject: sender, Kind: model.KindModel, Value: string(v), Source: "capwap.board_model"})
			case 1:
				e.Observe(dissect.Claim{Subject: sender, Kind: model.KindSerial, Value: string(v), Source: "capwap.board_serial"})
			}
		}
	case elemDescriptor:
		value.Skip(2) // radios
		if n := value.U8(); n > 0 {
			value.Skip(3 * int(n)) // encryption capabilities
		} else {
			value.Skip(1) // the form of the drafts, which devices still send
		}
		for value.Len() >= 8 {
			value.Skip(4)
			kind := value.U16()
			v := value.Bytes(int(value.U16()))
			if value.OK() && kind == 1 && len(v) > 0 {
				e.Observe(dissect.Claim{Subject: sender, Kind: model.KindFirmware, Value: version(v), Source: "capwap.software_version"})
			}
		}
	}
}

// version prints a version as text, or, as some vendors pack it, as four numbers.
func version(v []byte) string {
	if len(v) == 4 && !wire.Printable(v) {
		return fmt.Sprintf("%d.%d.%d.%d", v[0], v[1], v[2], v[3])
	}
	if !wire.Printable(v) {
		return ""
	}
	return string(v)
}
