package dlms

import (
	"bytes"
	"fmt"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

const (
	flag      = 0x7e
	maxFrame  = 2047 // bytes of an HDLC frame
	wrapper   = 8    // bytes before an APDU over TCP and UDP
	maxAPDU   = 4 << 10
	maxFrames = 60
)

// The APDUs that are read (IEC 62056-53, section 8.2).
const (
	apduRequest  = 0x60 // AARQ
	apduResponse = 0x61 // AARE
	apduGet      = 0xc0
	apduSet      = 0xc1
	apduAction   = 0xc3
)

// context begins the names of application contexts and mechanisms: 2.16.756.5.8.
var context = []byte{0x60, 0x85, 0x74, 0x05, 0x08}

type protocol struct{}

// New returns the protocol.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "dlms", Transport: dissect.TCP | dissect.UDP, Ports: []uint16{4059}}
}

// Probe wants an HDLC frame whose check sequence is right, or an association request in a wrapper.
func (protocol) Probe(_ *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	if data[0] == flag {
		switch n := hdlc(data); {
		case n > 0 && check(data[1:n-3]) == uint16(data[n-3])|uint16(data[n-2])<<8:
			return dissect.Mine
		case n == 0:
			return dissect.More
		}
		return dissect.NotMine
	}
	if data[0] != 0 || len(data) > 1 && data[1] != 1 {
		return dissect.NotMine
	}
	if len(data) < wrapper+1 {
		return dissect.More
	}
	n := int(data[6])<<8 | int(data[7])
	if n < 8 || n > maxAPDU || data[wrapper] != apduRequest && data[wrapper] != apduResponse || len(data) > wrapper+n {
		return dissect.NotMine
	}
	if len(data) < wrapper+n {
		return dissect.More
	}
	if bytes.Contains(data[wrapper:], context) {
		return dissect.Mine
	}
	return dissect.NotMine
}

// hdlc is the size of the frame that data begins with (ISO/IEC 13239; format type 3): 0 when bytes
// are missing, -1 when it is none.
func hdlc(data []byte) int {
	if len(data) > 1 && data[1]&0xf0 != 0xa0 {
		return -1
	}
	if len(data) < 3 {
		return 0
	}
	n := int(data[1]&7)<<8 | int(data[2])
	if n < 7 || n > maxFrame {
		return -1
	}
	if len(data) < n+2 {
		return 0
	}
	if data[n+1] != flag {
		return -1
	}
	return n + 2
}

// check is the frame check sequence (ITU-T X.25: polynomial 8408 reversed).
func check(b []byte) uint16 {
	sum := uint16(0xffff)
	for _, c := range b {
		sum ^= uint16(c)
		for range 8 {
			if sum&1 != 0 {
				sum = sum>>1 ^ 0x8408
			} else {
				sum >>= 1
			}
		}
	}
	return ^sum
}

func (protocol) New() dissect.Dissector { return &session{} }

type session struct {
	frames int
	told   bool
}

func (s *session) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	if s.frames++; s.frames > maxFrames {
		return len(data), dissect.Done
	}
	if !s.told {
		s.told = true
		e.Observe(dissect.Claim{Subject: dissect.About(e.Flow().Responder), Kind: model.KindRole, Value: "meter", Source: "dlms.frame"})
	}
	if data[0] == flag {
		n := hdlc(data)
		if n == 0 {
			s.frames--
			return 0, dissect.More
		}
		if n < 0 {
			return 1, dissect.More // one flag may end a frame and begin the next, or noise lies between
		}
		if _, apdu, found := bytes.Cut(data[:n-3], []byte{0xe6, llc(dir), 0}); found && len(apdu) > 0 {
			s.apdu(e, dir, apdu)
		}
		return n, dissect.More
	}
	if len(data) < wrapper {
		s.frames--
		return 0, dissect.More
	}
	n := int(data[6])<<8 | int(data[7])
	if data[0] != 0 || data[1] != 1 || n == 0 {
		return len(data), dissect.Done
	}
	if n <= maxAPDU && len(data) < wrapper+n {
		s.frames--
		return 0, dissect.More
	}
	s.apdu(e, dir, data[wrapper:min(len(data), wrapper+n)])
	return wrapper + n, dissect.More
}

// llc is the second octet of the LLC header: requests E6, responses E7.
func llc(dir dissect.Direction) byte { return 0xe6 + byte(dir) }

func (s *session) apdu(e dissect.Emitter, dir dissect.Direction, b []byte) {
	if len(b) == 0 {
		return
	}
	switch b[0] {
	case apduRequest, apduResponse:
		association(e, dir, b)
	case apduGet:
		e.Operate(model.VerbRead, "attribute", model.ResultUnset, 1)
	case apduSet:
		e.Operate(model.VerbWrite, "attribute", model.ResultUnset, 1)
	case apduAction:
		e.Operate(model.VerbExecute, "method", model.ResultUnset, 1)
	}
}

// association reads AARQ and AARE (IEC 62056-53, section 8.3; ITU-T X.227).
func association(e dissect.Emitter, dir dissect.Direction, b []byte) {
	c := wire.At(b)
	tag, body := c.TLV()
	if !c.OK() {
		return
	}
	f := e.Flow()
	mechanism, accepted := byte(0), false
	var secret []byte
	for body.OK() && body.Len() > 0 {
		kind, value := body.TLV()
		rest := value.Rest()
		switch {
		case tag == apduResponse && kind == 0xa2: // result
			accepted = len(rest) == 3 && rest[2] == 0
		case tag == apduResponse && kind == 0xa4: // responding AP title
			if title := value.Expect(0x04); title.Len() == 8 {
				systemTitle(e, dir, title.Rest())
			}
		case (kind == 0x8b || kind == 0x89) && bytes.HasPrefix(rest, context) && len(rest) == 7:
			mechanism = rest[6]
		case tag == apduRequest && kind == 0xac: // calling authentication value
			v := value.Expect(0x80)
			secret = v.Rest()
		}
	}
	if tag == apduRequest {
		if mechanism == 1 && len(secret) > 0 {
			e.Login(dissect.Credential{Service: "dlms", Password: string(secret), Server: f.Receiver(dir), Client: f.Sender(dir), Evidence: "dlms.aarq"})
		}
		level := "lowest"
		switch {
		case mechanism == 1:
			level = "low"
		case mechanism > 1:
			level = "high"
		}
		e.Observe(dissect.Claim{Subject: dissect.About(f.Receiver(dir)), Kind: model.KindCapability, Value: "association with " + level + " level security", Source: "dlms.aarq"})
		if mechanism == 0 {
			e.Report(dissect.Weakness{Type: model.FindingNoAuthentication, Rule: "dlms.no_authentication", Version: 1, Subject: f.Receiver(dir), Peer: f.Sender(dir), Evidence: "dlms.aarq"})
		}
		return
	}
	result := model.ResultRefused
	if accepted {
		result = model.ResultOK
	}
	e.Operate(model.VerbAssociate, "meter", result, 1)
}

// systemTitle is three letters of the manufacturer, then its number of the meter (IEC 62056-53, section 4.3.4).
func systemTitle(e dissect.Emitter, dir dissect.Direction, b []byte) {
	if !wire.Printable(b[:3]) {
		return
	}
	meter := dissect.About(e.Flow().Sender(dir))
	e.Observe(dissect.Claim{Subject: meter, Kind: model.KindVendor, Value: string(b[:3]), Source: "dlms.system_title"})
	e.Observe(dissect.Claim{Subject: meter, Kind: model.KindIdentifier, Value: string(b[:3]) + fmt.Sprintf("%X", b[3:]), Source: "dlms.system_title"})
}
