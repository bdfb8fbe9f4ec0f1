package fins

import (
	"bytes"

	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

// Frame is a FINS command or response.
type Frame struct {
	Response bool
	Command  uint16
	Code     uint16 // end code of a response
	Body     []byte
}

// Parse reads a FINS frame: W342, section 3-2.
func Parse(b []byte) (f Frame, ok bool) {
	c := wire.At(b)
	icf, rsv, gateways := c.U8(), c.U8(), c.U8()
	c.Skip(7)
	f.Command = c.U16()
	f.Response = icf&0x40 != 0
	if !c.OK() || icf&0xbe != 0x80 || rsv != 0 || gateways > 7 || !known(f.Command) {
		return f, false
	}
	if f.Response {
		f.Code = c.U16()
	}
	f.Body = c.Rest()
	return f, c.OK()
}

// known reports the command codes of W342, section 5-1.
func known(command uint16) bool {
	second := command & 0xff
	switch command >> 8 {
	case 0x01, 0x03:
		return second >= 1 && second <= 7
	case 0x02, 0x04, 0x06, 0x07, 0x09, 0x0c:
		return second >= 1 && second <= 4 || command == 0x0620
	case 0x05:
		return second == 1 || second == 2
	case 0x21:
		return second >= 1 && second <= 3 || second == 0x40 || second == 0x41
	case 0x22:
		return second >= 1 && second <= 0x20
	case 0x23:
		return second >= 1 && second <= 10
	case 0x26:
		return second == 1
	}
	return false
}

const tcpHeader = 16

var magic = []byte("FINS")

// NextTCP cuts a FINS/TCP message off b: command 2 carries a frame. Size is 0 when more bytes
// are needed, -1 when b is none.
func NextTCP(b []byte) (frame []byte, size int) {
	if n := min(len(b), 4); !bytes.Equal(b[:n], magic[:n]) {
		return nil, -1
	}
	c := wire.At(b)
	c.Skip(4)
	n, command := c.U32(), c.U32()
	if !c.OK() {
		return nil, 0
	}
	if n < 8 || n > 2048+8 || command > 6 {
		return nil, -1
	}
	if len(b) < 8+int(n) {
		return nil, 0
	}
	if command == 2 {
		frame = b[tcpHeader : 8+n]
	}
	return frame, 8 + int(n)
}
