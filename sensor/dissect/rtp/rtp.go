package rtp

import (
	"encoding/binary"
	"strconv"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

const (
	header   = 12 // bytes (RFC 3550, section 5.1)
	maxDoubt = 6  // packets without a continuation after which it is something else
	wellKnow = 1024
)

type protocol struct{}

// New returns RTP.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info { return dissect.Info{Name: "rtp", Transport: dissect.UDP} }

// Probe lets in what may be RTP by its fixed fields; the dissector takes the name back until two
// packets in a row fit together.
func (protocol) Probe(f *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	if len(data) < header+4 || data[0]>>6 != 2 || data[0]&15 != 0 || // contributing sources are rare, and BACnet begins so
		f.Initiator.Port < wellKnow || f.Responder.Port < wellKnow {
		return dissect.NotMine
	}
	kind := data[1] & 0x7f
	if kind > 34 && kind < 96 {
		return dissect.NotMine
	}
	return dissect.Mine
}

func (protocol) New() dissect.Dissector { return &session{} }

type last struct {
	source   uint32
	sequence uint16
	seen     bool
}

type session struct {
	ends  [2]last
	doubt int
}

func (s *session) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	if len(data) < header || data[0]>>6 != 2 {
		e.Service("")
		return len(data), dissect.NotMine
	}
	l := &s.ends[dir]
	sequence, source := binary.BigEndian.Uint16(data[2:]), binary.BigEndian.Uint32(data[8:])
	if l.seen && l.source == source && sequence-l.sequence >= 1 && sequence-l.sequence <= 4 {
		e.Service("rtp")
		e.Operate(model.VerbNotify, "payload type "+strconv.Itoa(int(data[1]&0x7f)), model.ResultUnset, 1)
		return len(data), dissect.Done
	}
	*l = last{source: source, sequence: sequence, seen: true}
	e.Service("")
	if s.doubt++; s.doubt > maxDoubt {
		return len(data), dissect.NotMine
	}
	return len(data), dissect.More
}

type control struct{}

// NewControl returns RTCP.
func NewControl() dissect.Protocol { return control{} }

func (control) Info() dissect.Info { return dissect.Info{Name: "rtcp", Transport: dissect.UDP} }

// Probe wants a compound packet (RFC 3550, section 6.1): a report first, and lengths that lead
// exactly to the end.
func (control) Probe(f *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	if f.Initiator.Port < wellKnow || f.Responder.Port < wellKnow || len(data) < 8 || data[1] != 200 && data[1] != 201 {
		return dissect.NotMine
	}
	if packets(data, func(byte, []byte) {}) {
		return dissect.Mine
	}
	return dissect.NotMine
}

func packets(data []byte, f func(kind byte, body []byte)) bool {
	c := wire.At(data)
	for c.Len() > 0 {
		first, kind := c.U8(), c.U8()
		body := c.Bytes(4 * int(c.U16()))
		if !c.OK() || first>>6 != 2 || kind < 200 || kind > 207 {
			return false
		}
		f(kind, body)
	}
	return true
}

func (control) New() dissect.Dissector { return reports{} }

type reports struct{}

const (
	typeDescription = 202
	itemTool        = 6
)

func (reports) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	packets(data, func(kind byte, body []byte) {
		if kind != typeDescription {
			return
		}
		c := wire.At(body)
		c.Skip(4)
		for c.Len() >= 2 {
			item := c.U8()
			if item == 0 {
				return // one source is enough
			}
			value := c.Bytes(int(c.U8()))
			if item == itemTool && c.OK() {
				e.Observe(dissect.Claim{Subject: dissect.About(e.Flow().Sender(dir)), Kind: model.KindSoftware, Value: string(value), Source: "rtcp.tool"})
			}
		}
	})
	return len(data), dissect.More
}
