package coap

import (
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

const (
	port        = 5683
	protoTCP    = 6
	optURIPath  = 11
	optFormat   = 12
	linkFormat  = 40 // RFC 6690, section 7.2
	maxMessages = 20
)

type protocol struct{}

// New returns the protocol.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "coap", Transport: dissect.UDP | dissect.TCP, Ports: []uint16{port}}
}

// Probe wants options in order to the end or the payload. Off the usual port it also wants a request
// with a path of printable segments.
func (protocol) Probe(f *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	if f.Protocol == protoTCP {
		return probeStream(data)
	}
	code, path, ok := parse(data)
	if !ok {
		return dissect.NotMine
	}
	if f.Responder.Port == port || f.Initiator.Port == port {
		return dissect.Mine
	}
	if code >= 1 && code <= 4 && path {
		return dissect.Mine
	}
	return dissect.NotMine
}

// parse reads a message (RFC 7252, section 3): its code, and whether it has a path.
func parse(data []byte) (code byte, path, ok bool) {
	c := wire.At(data)
	first := c.U8()
	code = c.U8()
	c.Skip(2)
	token := int(first & 15)
	if first>>6 != 1 || token > 8 || !validCode(code) {
		return 0, false, false
	}
	c.Skip(token)
	if code == 0 {
		return 0, false, c.OK() && c.Len() == 0 && token == 0
	}
	o := options(&c)
	return code, o.path, o.ok
}

// content is what options and payload say.
type content struct {
	path, ok bool
	format   int // of the payload; -1 when not said
	payload  []byte
}

// options reads options and payload (RFC 7252, section 3.1). Paths must be printable.
func options(c *wire.Cursor) (o content) {
	o.format = -1
	number := 0
	for c.Len() > 0 && c.OK() {
		b := c.U8()
		if b == 0xff {
			o.payload = c.Bytes(c.Len())
			o.ok = len(o.payload) > 0
			return o
		}
		delta := extended(c, int(b>>4))
		value := c.Bytes(extended(c, int(b&15)))
		number += delta
		switch {
		case number > 2053: // beyond all that IANA has assigned for messages
			return content{format: -1}
		case number == optURIPath && !wire.Printable(value):
			return content{format: -1}
		case number == optURIPath:
			o.path = true
		case number == optFormat && len(value) <= 2:
			o.format = 0
			for _, x := range value {
				o.format = o.format<<8 | int(x)
			}
		}
	}
	o.ok = c.OK()
	return o
}

func extended(c *wire.Cursor, n int) int {
	switch n {
	case 13:
		return 13 + int(c.U8())
	case 14:
		return 269 + int(c.U16())
	case 15:
		return -1
	}
	return n
}

func validCode(code byte) bool {
	switch class, detail := code>>5, code&31; class {
	case 0:
		return detail <= 7
	case 2:
		return detail >= 1 && detail <= 5 || detail == 31
	case 4:
		return detail <= 15 || detail == 22 || detail == 29
	case 5:
		return detail <= 8
	}
	return false
}

func (protocol) New() dissect.Dissector { return &reader{} }

type reader struct {
	told     bool
	messages int
}

func (r *reader) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	if e.Flow().Protocol == protoTCP {
		return r.stream(e, dir, data)
	}
	c := wire.At(data)
	token := c.U8() & 15
	code := c.U8()
	c.Skip(2 + int(token))
	if _, _, ok := parse(data); !ok {
		code = 0
	}
	return len(data), r.message(e, dir, code, &c)
}

// message counts a request, and reads the answer to a discovery.
func (r *reader) message(e dissect.Emitter, dir dissect.Direction, code byte, c *wire.Cursor) dissect.Verdict {
	if !r.told {
		r.told = true
		dissect.Cleartext(e, "coap", "coap.code")
	}
	if verb, request := verbs[code]; request {
		e.Operate(verb, "resource", model.ResultUnset, 1)
	} else if code == codeContent {
		if o := options(c); o.ok && o.format == linkFormat {
			types(e, dir, o.payload)
		}
	}
	if r.messages++; r.messages > maxMessages {
		return dissect.Done
	}
	return dissect.More
}

var verbs = map[byte]model.Verb{1: model.VerbRead, 2: model.VerbExecute, 3: model.VerbWrite, 4: model.VerbDelete, 5: model.VerbRead, 6: model.VerbWrite, 7: model.VerbWrite}
