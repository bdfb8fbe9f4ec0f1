package hartip

import "github.com/wardscope/wardscope/sensor/dissect/wire"

const header = 8 // bytes: HCF_SPEC-085, section 6.2

// Frame is a HART-IP message.
type Frame struct {
	Kind   uint8 // 0 request, 1 response, 2 publish, 15 NAK
	ID     uint8 // 0 initiate, 1 close, 2 keep alive, 3 token-passing PDU
	Status uint8
	Body   []byte
}

// Next cuts a message off b: its size, 0 when more bytes are needed, -1 when b is none.
func Next(b []byte) (f Frame, size int) {
	c := wire.At(b)
	version := c.U8()
	f.Kind, f.ID, f.Status = c.U8(), c.U8(), c.U8()
	c.Skip(2)
	size = int(c.U16())
	if len(b) < header {
		if len(b) > 0 && version != 1 {
			return f, -1
		}
		return f, 0
	}
	if version != 1 || f.Kind > 2 && f.Kind != 15 || f.ID > 3 || size < header || size > 512 || !fits(&f, size-header) {
		return f, -1
	}
	f.Body = c.Bytes(size - header)
	if !c.OK() {
		return f, 0
	}
	return f, size
}

// fits checks the body's length: a session is opened with five bytes, closed and kept with none.
func fits(f *Frame, n int) bool {
	switch f.ID {
	case 0:
		return n == 5 && (f.Kind == 0 || f.Kind == 1)
	case 1, 2:
		return n == 0 && f.Status == 0
	}
	return n >= 5
}

// Token is a HART command in a token-passing PDU: HCF_SPEC-81, section 5.
type Token struct {
	Command uint8
	Reply   bool
	Data    []byte // of replies: behind response code and status
}

// ParseToken reads delimiter, address, expansion bytes, command and count, and checks the
// closing exclusive-or.
func ParseToken(b []byte) (t Token, ok bool) {
	var sum byte
	for _, x := range b {
		sum ^= x
	}
	c := wire.At(b)
	delimiter := c.U8()
	if delimiter&0x80 != 0 {
		c.Skip(5)
	} else {
		c.Skip(1)
	}
	c.Skip(int(delimiter >> 5 & 3))
	t.Command = c.U8()
	t.Data = c.Bytes(int(c.U8()))
	t.Reply = delimiter&7 == 6
	if !c.OK() || c.Len() != 1 || sum != 0 {
		return t, false
	}
	if t.Reply && len(t.Data) >= 2 {
		t.Data = t.Data[2:]
	}
	return t, true
}

// Identity is the answer to command 0.
type Identity struct {
	Type               uint16
	Revision, Software uint8
	Hardware           uint8
	ID                 uint32 // 24 bits, unique within the type
}

// ParseIdentity reads command 0: HCF_SPEC-127, section 6.1.
func ParseIdentity(b []byte) (x Identity, ok bool) {
	c := wire.At(b)
	expansion := c.U8()
	x.Type = c.U16()
	c.Skip(2)
	x.Revision, x.Software, x.Hardware = c.U8(), c.U8(), c.U8()>>3
	c.Skip(1)
	x.ID = c.U24()
	return x, c.OK() && expansion == 254
}
