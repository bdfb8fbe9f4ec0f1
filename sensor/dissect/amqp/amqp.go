package amqp

import (
	"bytes"
	"strings"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

const (
	opening   = 8 // bytes: "AMQP" and four numbers
	maxFrame  = 8 << 10
	maxFrames = 20
	frameEnd  = 0xce
)

// The methods of class 10 (connection) that are read (AMQP 0-9-1, section 1.4).
const (
	methodStart   = 10
	methodStartOK = 11
	methodOpenOK  = 41
	methodClose   = 50
)

// The protocol ids of an opening (AMQP 1.0, sections 2.2, 5.2 and 5.3).
const (
	idTLS  = 2
	idSASL = 3
)

type protocol struct{}

// New returns the protocol.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "amqp", Transport: dissect.TCP, Ports: []uint16{5672}, MaxBuffer: 2 * maxFrame}
}

// Probe wants the opening that a client sends.
func (protocol) Probe(_ *dissect.Flow, dir dissect.Direction, data []byte) dissect.Verdict {
	const name = "AMQP"
	if dir == dissect.FromResponder {
		return dissect.More
	}
	if n := min(len(data), len(name)); string(data[:n]) != name[:n] {
		return dissect.NotMine
	}
	if len(data) < opening {
		return dissect.More
	}
	if data[4] > idSASL || data[5] > 9 || data[6] > 9 || data[7] > 10 {
		return dissect.NotMine
	}
	return dissect.Mine
}

func (protocol) New() dissect.Dissector { return &session{} }

type session struct {
	opened [2]bool // the opening was seen
	modern bool    // AMQP 1.0
	frames int
	told   bool
}

func (s *session) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	if len(data) < opening {
		return 0, dissect.More
	}
	if bytes.HasPrefix(data, []byte("AMQP")) { // 1.0 opens twice: for SASL, then for itself
		return opening, s.open(e, dir, data[4:opening])
	}
	if s.frames++; s.frames > maxFrames {
		return len(data), dissect.Done
	}
	if s.modern {
		return s.frame10(e, dir, data)
	}
	return s.frame(e, dir, data)
}

func (s *session) open(e dissect.Emitter, dir dissect.Direction, number []byte) dissect.Verdict {
	s.modern = number[0] != 0 || number[1] == 1
	if number[0] == idTLS {
		if s.opened[dir] = true; s.opened[0] && s.opened[1] {
			e.Handoff("tls")
		}
		return dissect.More
	}
	if !s.told {
		s.told = true
		dissect.Cleartext(e, "amqp", "amqp.protocol_header")
		e.Version("AMQP 0-9-1")
		if s.modern {
			e.Version("AMQP 1.0")
		}
	}
	return dissect.More
}

// frame reads a frame of AMQP 0-9-1 (section 2.3.5).
func (s *session) frame(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	c := wire.At(data)
	kind := c.U8()
	c.Skip(2)
	n := int(c.U32())
	if kind == 0 || kind > 8 {
		return 0, dissect.NotMine
	}
	if kind != 1 || n > maxFrame {
		return 7 + min(n, 1<<30) + 1, dissect.Done // contents: the connection is open
	}
	body := c.Sub(n)
	if end := c.U8(); !c.OK() {
		s.frames--
		return 0, dissect.More
	} else if end != frameEnd {
		return 0, dissect.NotMine
	}
	verdict := dissect.More
	if body.U16() == 10 {
		verdict = s.method(e, dir, &body)
	}
	return 8 + n, verdict
}

func (s *session) method(e dissect.Emitter, dir dissect.Direction, c *wire.Cursor) dissect.Verdict {
	f := e.Flow()
	switch c.U16() {
	case methodStart:
		c.Skip(2)
		properties(e, dissect.About(f.Responder), c)
		offer(e, string(c.Bytes(int(c.U32()))))
	case methodStartOK:
		properties(e, dissect.About(f.Initiator), c)
		mechanism := string(c.Bytes(int(c.U8())))
		login(e, mechanism, c.Bytes(int(c.U32())))
	case methodOpenOK:
		e.Operate(model.VerbLogin, "broker", model.ResultOK, 1)
		return dissect.Done
	case methodClose:
		if code := c.U16(); dir == dissect.FromResponder && (code == 403 || code == 530) {
			e.Operate(model.VerbLogin, "broker", model.ResultRefused, 1)
		}
		return dissect.Done
	}
	return dissect.More
}

// properties reads product, version and platform out of a table of peer properties.
func properties(e dissect.Emitter, subject model.Subject, c *wire.Cursor) {
	table := c.Sub(int(c.U32()))
	var product, version, platform string
	for table.OK() && table.Len() > 0 {
		key := string(table.Bytes(int(table.U8())))
		kind := table.U8()
		var value []byte
		switch kind {
		case 'S', 'F', 'A', 'x':
			value = table.Bytes(int(table.U32()))
		case 't', 'b', 'B':
			table.Skip(1)
		case 's', 'u', 'U':
			table.Skip(2)
		case 'I', 'i', 'f':
			table.Skip(4)
		case 'D':
			table.Skip(5)
		case 'l', 'L', 'd', 'T':
			table.Skip(8)
		case 'V':
		default:
			table.Skip(-1)
		}
		switch {
		case kind != 'S':
		case key == "product":
			product = string(value)
		case key == "version":
			version = string(value)
		case key == "platform":
			platform = string(value)
		}
	}
	e.Observe(dissect.Claim{Subject: subject, Kind: model.KindSoftware, Value: strings.TrimSpace(product + " " + version), Source: "amqp.product"})
	e.Observe(dissect.Claim{Subject: subject, Kind: model.KindCapability, Value: platform, Source: "amqp.platform"})
}

// offer tells the mechanisms that a server offers and that are registered for SASL.
func offer(e dissect.Emitter, list string) {
	var known []string
	for m := range strings.FieldsSeq(list) {
		switch m {
		case "PLAIN", "AMQPLAIN", "EXTERNAL", "ANONYMOUS", "RABBIT-CR-DEMO", "SCRAM-SHA-1", "SCRAM-SHA-256", "GSSAPI", "DIGEST-MD5", "CRAM-MD5":
			known = append(known, m)
		}
	}
	if len(known) > 0 {
		e.Observe(dissect.Claim{Subject: dissect.About(e.Flow().Responder), Kind: model.KindCapability, Value: "authentication " + strings.Join(known, ", "), Source: "amqp.mechanisms"})
	}
}

func login(e dissect.Emitter, mechanism string, response []byte) {
	f := e.Flow()
	c := dissect.Credential{Service: "amqp", Server: f.Responder, Client: f.Initiator, Evidence: "amqp.sasl"}
	switch mechanism {
	case "PLAIN":
		part := bytes.Split(response, []byte{0})
		if len(part) != 3 {
			return
		}
		c.User, c.Password = string(part[1]), string(part[2])
	case "AMQPLAIN": // a table without its length: LOGIN and PASSWORD
		t := wire.At(response)
		for t.OK() && t.Len() > 0 {
			key := string(t.Bytes(int(t.U8())))
			t.Skip(1)
			value := string(t.Bytes(int(t.U32())))
			switch key {
			case "LOGIN":
				c.User = value
			case "PASSWORD":
				c.Password = value
			}
		}
	case "ANONYMOUS":
		c.User = "anonymous"
	default:
		return
	}
	e.Login(c)
}

// frame10 reads a frame of AMQP 1.0 (section 2.3.1); of SASL's the initial response (section 5.3.3.2).
func (s *session) frame10(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	c := wire.At(data)
	n := int(c.U32())
	if n < 8 || n > 1<<30 {
		return 0, dissect.NotMine
	}
	if n > maxFrame {
		return n, dissect.Done
	}
	if len(data) < n {
		s.frames--
		return 0, dissect.More
	}
	if data[5] != 1 { // not SASL: the connection itself
		return n, dissect.Done
	}
	body := data[8:n]
	switch {
	case bytes.HasPrefix(body, []byte{0, 0x53, 0x40}) && dir == dissect.FromResponder:
		text := bytes.Map(func(r rune) rune {
			if r < 'A' && r != '-' && (r < '0' || r > '9') || r > 'Z' {
				return ' '
			}
			return r
		}, body[3:])
		offer(e, string(text))
	case bytes.HasPrefix(body, []byte{0, 0x53, 0x41}) && dir == dissect.FromInitiator:
		i := wire.At(body[3:])
		if i.U8() == 0xc0 {
			i.Skip(2)
		} else {
			i.Skip(8)
		}
		i.Skip(1)
		mechanism := string(i.Bytes(int(i.U8())))
		i.Skip(1)
		login(e, mechanism, i.Bytes(int(i.U8())))
	case bytes.HasPrefix(body, []byte{0, 0x53, 0x44}) && dir == dissect.FromResponder && len(body) >= 8:
		result := model.ResultOK
		if i := bytes.IndexByte(body[3:], 0x50); i >= 0 && 3+i+1 < len(body) && body[3+i+1] != 0 {
			result = model.ResultRefused
		}
		e.Operate(model.VerbLogin, "broker", result, 1)
	}
	return n, dissect.More
}
