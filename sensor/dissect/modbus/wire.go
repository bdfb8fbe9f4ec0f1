package modbus

import (
	"encoding/binary"

	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

const (
	mbap   = 7   // bytes: transaction, protocol, length, unit
	maxADU = 260 // bytes: MBAP 7 + PDU 253; Application Protocol V1.1b3, section 4.1
	maxLen = 254 // of the length field: unit and PDU
)

// Frame is one message. PDU begins with the function code.
type Frame struct {
	Transaction uint16
	Unit        uint8
	PDU         []byte
}

// Function is the function code without the exception bit.
func (f *Frame) Function() uint8 { return f.PDU[0] & 0x7f }

// Exception reports whether the message refuses a request.
func (f *Frame) Exception() bool { return f.PDU[0]&0x80 != 0 }

// Next cuts a message off b: its size, 0 when more bytes are needed, -1 when b is none.
func Next(b []byte) (f Frame, size int) {
	if len(b) >= 6 && (b[2] != 0 || b[3] != 0 || b[4] != 0 || b[5] < 2 || b[5] > maxLen) {
		return f, -1
	}
	if len(b) < 6 || len(b) < 6+int(b[5]) {
		return f, 0
	}
	size = 6 + int(b[5])
	return Frame{binary.BigEndian.Uint16(b), b[6], b[7:size]}, size
}

// Form says how far a PDU's length and contents fit what the specification wants of it.
type Form uint8

// The forms.
const (
	Wrong  Form = iota
	Either      // fits as a request and as a response
	Request
	Response
)

// Judge checks the lengths and counts of a PDU: sections 6.1 to 6.21.
func Judge(pdu []byte) Form {
	c := wire.At(pdu)
	fc := c.U8()
	n := len(pdu)
	if fc&0x80 != 0 {
		if code := c.U8(); n == 2 && fc&0x7f != 0 && (code >= 1 && code <= 6 || code == 8 || code == 10 || code == 11) {
			return Response
		}
		return Wrong
	}
	switch fc {
	case 1, 2, 3, 4:
		return read(fc, c, n)
	case 5, 6:
		if v := pdu; n == 5 && (fc == 6 || v[4] == 0 && (v[3] == 0 || v[3] == 0xff)) {
			return Either
		}
	case 8, 22:
		if n == 5 && fc == 8 || n == 7 && fc == 22 {
			return Either
		}
	case 7, 11, 12, 17:
		return short(fc, c, n)
	case 15, 16:
		c.Skip(2)
		quantity, count := int(c.U16()), int(c.U8())
		switch want := bytesFor(fc, quantity); {
		case n == 5 && quantity > 0 && quantity <= 0x7b0:
			return Response
		case quantity > 0 && count == want && n == 6+count:
			return Request
		}
	case 20, 21:
		if count := int(c.U8()); count >= 7 && n == 2+count {
			return Either
		}
	case 23:
		c.Skip(8)
		if count := int(c.U8()); n == 10+count && count > 0 {
			return Request
		}
		if n >= 4 && n == 2+int(pdu[1]) {
			return Response
		}
	case 43:
		return identification(pdu)
	case 90: // UMAS: session, then a function of its own
		if n >= 3 {
			return Either
		}
	}
	return Wrong
}

func bytesFor(fc uint8, quantity int) int {
	if fc == 15 {
		return (quantity + 7) / 8
	}
	return 2 * quantity
}

func read(fc uint8, c wire.Cursor, n int) Form {
	most := 125
	if fc <= 2 {
		most = 2000
	}
	r := c
	r.Skip(2)
	asks := n == 5 && int(r.U16()) <= most
	count := int(c.U8())
	answers := n == 2+count && count > 0 && (fc <= 2 || count%2 == 0)
	switch {
	case asks && answers:
		return Either
	case asks:
		return Request
	case answers:
		return Response
	}
	return Wrong
}

func short(fc uint8, c wire.Cursor, n int) Form {
	switch {
	case n == 1:
		return Request
	case fc == 7 && n == 2, fc == 11 && n == 5:
		return Response
	case fc == 12 || fc == 17:
		if count := int(c.U8()); count > 0 && n == 2+count {
			return Response
		}
	}
	return Wrong
}

const identify = 14 // MEI type: read device identification, section 6.21

func identification(pdu []byte) Form {
	switch {
	case len(pdu) >= 3 && pdu[1] == 13:
		return Either
	case len(pdu) < 4 || pdu[1] != identify || pdu[2] < 1 || pdu[2] > 4:
		return Wrong
	case len(pdu) == 4:
		return Request
	}
	return Response
}

// Objects reads the objects of a device identification response: id and text.
func Objects(pdu []byte) map[uint8]string {
	c := wire.At(pdu)
	c.Skip(6)
	out := map[uint8]string{}
	for range c.U8() {
		id := c.U8()
		v := c.Bytes(int(c.U8()))
		if !c.OK() {
			break
		}
		out[id] = string(v)
	}
	return out
}
