package melsec

import (
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

const maxFrame = 8 << 10

// Frame is one message.
type Frame struct {
	Answer  bool
	Serial  uint16 // of a 4E frame
	Command uint16 // of a request
	End     uint16 // of an answer; 0 = done
	Body    []byte
}

// Next reads the frame at the start of b: its size, 0 when more bytes are needed, -1 when there
// is none. A frame has a subheader, a network and station (FF), a destination module (03FF for the
// CPU, 03D0 to 03D3 and 03E0 to 03E3 for others) and a length.
func Next(b []byte) (f Frame, size int) {
	if len(b) == 0 {
		return f, 0
	}
	var head int
	switch b[0] {
	case 0x50, 0xd0:
		head = 2
	case 0x54, 0xd4:
		head = 6
	default:
		return f, -1
	}
	if len(b) > 1 && b[1] != 0 || head == 6 && len(b) >= 6 && (b[4] != 0 || b[5] != 0) {
		return f, -1
	}
	if len(b) < head+7 {
		return f, 0
	}
	f.Answer = b[0]&0x80 != 0
	c := wire.At(b[2:])
	if head == 6 {
		f.Serial = c.L16()
		c.Skip(2)
	}
	network, station, module, drop := c.U8(), c.U8(), c.L16(), c.U8()
	if network > 239 || station == 0 || station > 120 && station < 125 || module>>8 != 3 || module&0xff < 0xd0 || drop > 31 {
		return f, -1
	}
	if c.Len() < 2 {
		return f, 0
	}
	n := int(c.L16())
	if n < 2 || !f.Answer && n < 6 || n > maxFrame-16 {
		return f, -1
	}
	body := c.Sub(n)
	if !body.OK() {
		return f, 0
	}
	if f.Answer {
		f.End = body.L16()
	} else {
		body.Skip(2) // monitoring timer
		f.Command = body.L16()
		body.Skip(2)
	}
	f.Body = body.Rest()
	return f, head + 7 + n
}

// Commands that are named; what is not here is no SLMP request.
const (
	readType   = 0x0101
	remoteRun  = 0x1001
	remoteStop = 0x1002
)

var commands = map[uint16]string{0x0401: "devices", 0x0403: "devices", 0x0406: "devices", 0x1401: "devices", 0x1402: "devices", 0x1406: "devices",
	0x0801: "monitored devices", 0x0802: "monitored devices", readType: "identification", remoteRun: "remote run", remoteStop: "remote stop",
	0x1003: "remote pause", 0x1005: "remote latch clear", 0x1006: "remote reset", 0x0619: "loopback", 0x0613: "buffer memory", 0x1613: "buffer memory",
	0x0601: "module memory", 0x1601: "module memory", 0x1617: "error", 0x1630: "remote password", 0x1631: "remote password", 0x1810: "files", 0x1827: "files",
	0x1828: "files", 0x1829: "files", 0x0e30: "nodes"}
