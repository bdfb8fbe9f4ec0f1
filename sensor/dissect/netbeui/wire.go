package netbeui

import (
	"bytes"

	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

const (
	accessPoint = 0xf0
	delimiter   = 0xefff
	nameHeader  = 44 // bytes of a header with names
	dataHeader  = 14 // bytes of a header within a session
	firstInside = 0x14
	lastCommand = 0x1f
)

// The commands that say something of the sender.
const (
	addGroup      = 0x00
	addName       = 0x01
	datagram      = 0x08
	nameRecognise = 0x0e
	dataFirst     = 0x15
	dataLast      = 0x16
)

// Frame is what is read of a frame.
type Frame struct {
	Command uint8
	Sender  []byte // name without its padding, aliasing the frame; nil when there is none in printable text
	Suffix  uint8  // of the sender's name
	SMB     bool   // a message of SMB begins in it
}

// Parse reads an LLC frame. Those without NetBIOS in them, which only acknowledge, are none.
func Parse(b []byte) (f Frame, ok bool) {
	c := wire.At(b)
	if to, from := c.U8(), c.U8(); to != accessPoint || from&0xfe != accessPoint {
		return f, false
	}
	switch control := c.U8(); {
	case control&0xef == 0x03: // unnumbered information
	case control&1 == 0: // numbered information
		c.Skip(1)
	default:
		return f, false
	}
	header, mark := int(c.L16()), c.L16()
	f.Command = c.U8()
	want := nameHeader
	if f.Command >= firstInside {
		want = dataHeader
	}
	if !c.OK() || mark != delimiter || header != want || f.Command > lastCommand {
		return f, false
	}
	if f.Command >= firstInside {
		c.Skip(dataHeader - 5)
		f.SMB = c.OK() && (f.Command == dataFirst || f.Command == dataLast) && bytes.HasPrefix(c.Rest(), []byte("\xffSMB"))
		return f, c.OK()
	}
	c.Skip(28 - 5)
	name := c.Bytes(16)
	if !c.OK() {
		return f, false
	}
	f.Suffix = name[15]
	if text := wire.TrimText(name[:15]); len(text) > 0 && wire.Printable(text) {
		f.Sender = text
	}
	return f, true
}
