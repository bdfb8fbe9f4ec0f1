package wire

// TLV reads one BER element with a definite length (ITU-T X.690, section 8.1): its identifier
// octet and its contents. Tags above 30 and lengths above four octets count as short.
func (c *Cursor) TLV() (tag uint8, body Cursor) {
	tag = c.U8()
	if tag&0x1f == 0x1f {
		c.rest, c.short = nil, true
	}
	n := c.berLength()
	body = c.Sub(n)
	return tag, body
}

// Expect reads one element and is short unless its identifier octet is tag.
func (c *Cursor) Expect(tag uint8) Cursor {
	got, body := c.TLV()
	if got != tag {
		c.rest, c.short = nil, true
		return Cursor{short: true}
	}
	return body
}

func (c *Cursor) berLength() int {
	first := int(c.U8())
	if first < 0x80 {
		return first
	}
	octets := first & 0x7f
	if octets == 0 || octets > 4 {
		return -1
	}
	n := 0
	for range octets {
		n = n<<8 | int(c.U8())
	}
	if n > 1<<30 {
		return -1
	}
	return n
}

// Int reads the whole cursor as the contents of a BER INTEGER of at most eight octets.
func (c *Cursor) Int() int64 {
	if len(c.rest) == 0 || len(c.rest) > 8 {
		c.rest, c.short = nil, true
		return 0
	}
	v := int64(int8(c.rest[0]))
	for _, b := range c.rest[1:] {
		v = v<<8 | int64(b)
	}
	c.rest = nil
	return v
}

// OID reads the whole cursor as the contents of a BER OBJECT IDENTIFIER in dotted form; "" when
// it is none or has more than 64 arcs.
func (c *Cursor) OID() string {
	const maxArcs = 64
	var room [64]byte
	out := room[:0]
	arc, open, arcs := uint64(0), false, 0
	for _, b := range c.rest {
		if arc > 1<<56 || arcs > maxArcs {
			return ""
		}
		arc, open = arc<<7|uint64(b&0x7f), true
		if b&0x80 != 0 {
			continue
		}
		if arcs == 0 {
			first := min(arc/40, 2)
			out = appendArc(appendArc(out, first), arc-40*first)
		} else {
			out = appendArc(out, arc)
		}
		arc, open, arcs = 0, false, arcs+1
	}
	c.rest = nil
	if open || arcs == 0 {
		return ""
	}
	return String(out)
}

func appendArc(out []byte, v uint64) []byte {
	if len(out) > 0 {
		out = append(out, '.')
	}
	var digits [20]byte
	i := len(digits)
	for {
		i--
		digits[i] = byte('0' + v%10)
		if v /= 10; v == 0 {
			return append(out, digits[i:]...)
		}
	}
}
