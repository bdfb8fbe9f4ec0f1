package wire

import "encoding/binary"

// Cursor reads forward through bytes. The zero Cursor is empty.
type Cursor struct {
	rest  []byte
	short bool
}

// At returns a cursor at the start of b.
func At(b []byte) Cursor { return Cursor{rest: b} }

// OK reports whether every read so far was within the bytes.
func (c *Cursor) OK() bool { return !c.short }

// Len is the number of bytes not yet read.
func (c *Cursor) Len() int { return len(c.rest) }

// Rest returns what is left without reading it.
func (c *Cursor) Rest() []byte { return c.rest }

// Bytes reads n bytes; nil and short when there are fewer or n is negative.
func (c *Cursor) Bytes(n int) []byte {
	if n < 0 || n > len(c.rest) {
		c.rest, c.short = nil, true
		return nil
	}
	b := c.rest[:n:n]
	c.rest = c.rest[n:]
	return b
}

// Skip passes over n bytes.
func (c *Cursor) Skip(n int) { c.Bytes(n) }

// Sub reads n bytes as a cursor of their own; short like its parent when they are not there.
func (c *Cursor) Sub(n int) Cursor {
	b := c.Bytes(n)
	return Cursor{rest: b, short: c.short}
}

// U8 reads one byte.
func (c *Cursor) U8() uint8 {
	if b := c.Bytes(1); b != nil {
		return b[0]
	}
	return 0
}

// U16 reads two bytes, big-endian.
func (c *Cursor) U16() uint16 {
	if b := c.Bytes(2); b != nil {
		return binary.BigEndian.Uint16(b)
	}
	return 0
}

// U24 reads three bytes, big-endian.
func (c *Cursor) U24() uint32 {
	if b := c.Bytes(3); b != nil {
		return uint32(b[0])<<16 | uint32(b[1])<<8 | uint32(b[2])
	}
	return 0
}

// U32 reads four bytes, big-endian.
func (c *Cursor) U32() uint32 {
	if b := c.Bytes(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

// L16 reads two bytes, little-endian.
func (c *Cursor) L16() uint16 {
	if b := c.Bytes(2); b != nil {
		return binary.LittleEndian.Uint16(b)
	}
	return 0
}

// L32 reads four bytes, little-endian.
func (c *Cursor) L32() uint32 {
	if b := c.Bytes(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}
