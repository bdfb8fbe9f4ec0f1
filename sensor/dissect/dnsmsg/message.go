package dnsmsg

import (
	"strings"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

// Record types that are read.
const (
	TypeA     = 1
	TypePTR   = 12
	TypeHINFO = 13
	TypeTXT   = 16
	TypeAAAA  = 28
	TypeSRV   = 33
)

// MaxRecords is how many records of a message are read.
const MaxRecords = 64

const (
	maxName  = 255 // bytes: RFC 1035, section 3.1
	maxJumps = 16  // compression pointers in one name
)

// Message is a DNS message.
type Message struct {
	ID        uint16
	Response  bool
	Opcode    uint8
	Recursion bool // available: set by resolvers
	Code      uint8
	Questions []Question
	Answers   []Record
	Authority []Record
	Extra     []Record
	Trailing  int // bytes behind the message
}

// Question is what is asked for.
type Question struct {
	Name        string
	Type, Class uint16
}

// Record is a resource record. Addr is valid iff Type is A or AAAA, Target iff PTR or SRV,
// Port iff SRV, Data always.
type Record struct {
	Name        string
	Type, Class uint16
	TTL         uint32
	Addr        model.Addr
	Target      string
	Port        uint16
	Data        []byte
}

// Room is memory for the questions and records of a message of the usual size.
type Room struct {
	questions [2]Question
	records   [10]Record
}

// Parse reads a message; its lists lie in room, which may be nil, as far as that holds them. It is
// false for anything that is not one from its first to its last record: bad names, counts that the
// bytes do not hold, unknown classes, reserved bits.
func Parse(b []byte, room *Room) (m Message, ok bool) {
	c := wire.At(b)
	m.ID = c.U16()
	flags := c.U16()
	qd, an, ns, ar := c.U16(), c.U16(), c.U16(), c.U16()
	m.Response, m.Opcode = flags>>15 != 0, uint8(flags>>11&15)
	m.Recursion, m.Code = flags&0x80 != 0, uint8(flags&15)
	if !c.OK() || flags&0x40 != 0 || int(qd)+int(an)+int(ns)+int(ar) > 4*MaxRecords || qd+an+ns+ar == 0 {
		return Message{}, false
	}
	p := parser{all: b, c: c, left: MaxRecords}
	var records []Record
	if room != nil {
		m.Questions, records = room.questions[:0], room.records[:0]
	}
	for range qd {
		q := Question{Name: p.name(), Type: p.c.U16(), Class: p.c.U16() & 0x7fff}
		if p.bad() || !class(q.Class) {
			return Message{}, false
		}
		if len(m.Questions) < MaxRecords {
			m.Questions = append(m.Questions, q)
		}
	}
	m.Answers = p.records(an, records)
	records = beyond(records, len(m.Answers))
	m.Authority = p.records(ns, records)
	m.Extra = p.records(ar, beyond(records, len(m.Authority)))
	m.Trailing = p.c.Len()
	return m, !p.bad()
}

func class(c uint16) bool { return c == 1 || c == 3 || c == 254 || c == 255 }

type parser struct {
	all   []byte
	c     wire.Cursor
	wrong bool
	left  int
}

func (p *parser) bad() bool { return p.wrong || !p.c.OK() }

// beyond is what is free of a list's memory behind the first n entries.
func beyond(list []Record, n int) []Record {
	if n >= cap(list) {
		return nil
	}
	return list[n:n:cap(list)]
}

// records reads n records, appended to out, which is empty.
func (p *parser) records(n uint16, out []Record) []Record {
	for range n {
		if p.bad() {
			return out
		}
		r := Record{Name: p.name(), Type: p.c.U16(), Class: p.c.U16() & 0x7fff, TTL: p.c.U32()}
		length := int(p.c.U16())
		at := len(p.all) - p.c.Len()
		r.Data = p.c.Bytes(length)
		const opt = 41 // RFC 6891: class and TTL mean other things
		if p.bad() || r.Type != opt && !class(r.Class) {
			p.wrong = true
			return out
		}
		if p.left--; p.left >= 0 {
			p.interpret(&r, at)
			out = append(out, r)
		}
	}
	return out
}

func (p *parser) interpret(r *Record, at int) {
	switch {
	case r.Type == TypeA && len(r.Data) == 4:
		r.Addr = model.AddrFrom4(r.Data)
	case r.Type == TypeAAAA && len(r.Data) == 16:
		r.Addr = model.AddrFrom16(r.Data)
	case r.Type == TypePTR:
		r.Target = p.nameAt(at)
	case r.Type == TypeSRV && len(r.Data) > 6:
		r.Port = uint16(r.Data[4])<<8 | uint16(r.Data[5])
		r.Target = p.nameAt(at + 6)
	}
}

func (p *parser) nameAt(at int) string {
	q := parser{all: p.all, c: wire.At(p.all[at:])}
	n := q.name()
	if q.bad() {
		p.wrong = true
	}
	return n
}

// name reads a possibly compressed name (RFC 1035, section 4.1.4) without its last dot.
func (p *parser) name() string {
	var room [maxName]byte
	out := room[:0]
	c := &p.c
	var inner wire.Cursor
	before := len(p.all) - p.c.Len()
	for jumps := 0; ; {
		n := int(c.U8())
		switch {
		case !c.OK() || n&0xc0 == 0x40 || n&0xc0 == 0x80:
			p.wrong = true
			return ""
		case n == 0:
			return wire.String(out)
		case n >= 0xc0:
			at := n&0x3f<<8 | int(c.U8())
			if jumps++; !c.OK() || jumps > maxJumps || at >= before { // pointers lead backwards
				p.wrong = true
				return ""
			}
			inner, before = wire.At(p.all[at:]), at
			c = &inner
		default:
			label := c.Bytes(n)
			if label == nil || len(out)+n+1 > maxName {
				p.wrong = true
				return ""
			}
			if len(out) > 0 {
				out = append(out, '.')
			}
			out = append(out, label...)
		}
	}
}

// Texts splits the data of a TXT record into its strings, which are appended to out.
func (r *Record) Texts(out [][]byte) [][]byte {
	c := wire.At(r.Data)
	for c.Len() > 0 && len(out) < MaxRecords {
		s := c.Bytes(int(c.U8()))
		if !c.OK() {
			return out
		}
		out = append(out, s)
	}
	return out
}

// Reverse reads the owner of a reverse look-up, e.g. "7.2.0.192.in-addr.arpa".
func Reverse(name string) (model.Addr, bool) {
	name = strings.ToLower(name)
	if rest, ok := strings.CutSuffix(name, ".in-addr.arpa"); ok {
		parts := strings.Split(rest, ".")
		if len(parts) != 4 {
			return model.Addr{}, false
		}
		a, err := model.ParseAddr(parts[3] + "." + parts[2] + "." + parts[1] + "." + parts[0])
		return a, err == nil
	}
	rest, ok := strings.CutSuffix(name, ".ip6.arpa")
	if !ok || len(rest) != 63 {
		return model.Addr{}, false
	}
	var b [16]byte
	for i := range 32 {
		v := strings.IndexByte("0123456789abcdef", rest[62-2*i])
		if v < 0 || i > 0 && rest[63-2*i] != '.' {
			return model.Addr{}, false
		}
		b[i/2] = b[i/2]<<4 | byte(v)
	}
	return model.AddrFrom16(b[:]), true
}

// Private reports addresses that no public name should lead to: RFC 1918, RFC 6598, link-local
// and unique local ones.
func Private(a model.Addr) bool {
	if a.IsLinkLocal() || !a.Is4() && a.Hi>>57 == 0xfc>>1 {
		return true
	}
	v := uint32(a.Lo)
	return a.Is4() && (v>>24 == 10 || v>>20 == 0xac1 || v>>16 == 0xc0a8 || v>>22 == 0x191)
}
