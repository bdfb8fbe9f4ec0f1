package stp

import (
	"fmt"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

// BPDU is a bridge protocol data unit. Root and Bridge are valid iff Configuration.
type BPDU struct {
	Version       uint8
	Configuration bool
	Root, Bridge  string // priority and MAC, e.g. "32768.00:00:5e:00:53:01"
}

// Parse reads a BPDU from its LLC header: 42 42 03.
func Parse(b []byte) (p BPDU, ok bool) {
	c := wire.At(b)
	sap, control, id := c.U16(), c.U8(), c.U16()
	p.Version = c.U8()
	kind := c.U8()
	if !c.OK() || sap != 0x4242 || control != 3 || id != 0 || p.Version > 4 || p.Version == 1 {
		return BPDU{}, false
	}
	switch kind {
	case 0x80: // topology change notification
		return p, true
	case 0x00, 0x02:
		c.Skip(1)
		p.Root = bridgeID(&c)
		c.Skip(4)
		p.Bridge = bridgeID(&c)
		p.Configuration = true
		return p, c.OK()
	}
	return BPDU{}, false
}

func bridgeID(c *wire.Cursor) string {
	priority, mac := c.U16(), c.Bytes(6)
	if mac == nil {
		return ""
	}
	return fmt.Sprintf("%d.%s", priority, model.MACFrom(mac))
}
