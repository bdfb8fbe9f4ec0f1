package bjnp

import (
	"bytes"

	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

// Message is a BJNP message.
type Message struct {
	Device  uint8 // 1 printer, 2 scanner, …
	Answer  bool
	Command uint8
	Data    []byte
}

// Commands.
const (
	Discover = 0x01
	Identity = 0x30
)

// Parse reads a message: magic number, device type (its high bit marks answers), command,
// two bytes, sequence number, session, length.
func Parse(b []byte) (m Message, ok bool) {
	c := wire.At(b)
	magic := c.Bytes(4)
	device := c.U8()
	m.Command = c.U8()
	c.Skip(6)
	n := int(c.U32())
	if !c.OK() || !bytes.Equal(magic, []byte("BJNP")) || n != c.Len() {
		return m, false
	}
	m.Device, m.Answer, m.Data = device&0x7f, device&0x80 != 0, c.Rest()
	return m, true
}

// DeviceID reads the fields of an IEEE 1284 device id: "MFG:Canon;MDL:…;".
func DeviceID(b []byte) (maker, model string) {
	for _, field := range bytes.Split(b[:min(len(b), 1024)], []byte{';'}) {
		key, value, _ := bytes.Cut(field, []byte{':'})
		switch {
		case bytes.HasSuffix(key, []byte("MFG")), bytes.HasSuffix(key, []byte("MANUFACTURER")):
			maker = string(value)
		case bytes.HasSuffix(key, []byte("MDL")), bytes.HasSuffix(key, []byte("MODEL")):
			model = string(value)
		}
	}
	return maker, model
}
