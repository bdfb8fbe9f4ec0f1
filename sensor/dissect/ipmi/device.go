package ipmi

import (
	"bytes"
	"fmt"
	"strconv"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

// device is what a controller says of itself (IPMI 2.0, section 20.1).
type device struct {
	firmware, version     string
	manufacturer, product int
}

// parseDevice reads a Get Device ID answer, in a session or outside of one, when it is not encrypted.
func parseDevice(data []byte) (d device, ok bool) {
	m, ok := message(data)
	c := wire.At(m)
	c.Skip(1)
	function := c.U8()
	c.Skip(3) // check sum, address, sequence
	command, completion := c.U8(), c.U8()
	c.Skip(2) // device id, device revision
	major, minor, version := c.U8()&0x7f, c.U8(), c.U8()
	c.Skip(1)
	d.manufacturer = int(c.U8()) | int(c.U8())<<8 | int(c.U8()&0x0f)<<16
	d.product = int(c.L16())
	if !ok || !c.OK() || function>>2 != 7 || command != 1 || completion != 0 || minor>>4 > 9 || minor&15 > 9 {
		return d, false
	}
	d.firmware = fmt.Sprintf("%d.%02x", major, minor)
	d.version = fmt.Sprintf("IPMI %d.%d", version&15, version>>4)
	return d, true
}

// message returns the IPMI message of a packet: behind the header of version 1.5 (section 13.6), where an
// authentication code may stand, or of 2.0, where the payload is in clear.
func message(data []byte) ([]byte, bool) {
	const rmcp, lan2 = 4, 6
	c := wire.At(data)
	c.Skip(rmcp)
	if form := c.U8(); form == lan2 {
		kind := c.U8()
		c.Skip(8) // session id and number
		n := c.L16()
		return c.Bytes(int(n)), c.OK() && kind&0xbf == 0 // type 0, not encrypted
	} else if form != 0 {
		c.Skip(16)
	}
	c.Skip(8)
	n := c.U8()
	return c.Bytes(int(n)), c.OK()
}

// makers are IANA's enterprise numbers of those who make controllers for servers.
var makers = map[int]string{2: "IBM", 11: "HP", 42: "Sun Microsystems", 343: "Intel", 674: "Dell", 2011: "Huawei", 5771: "Cisco", 7244: "Quanta",
	119: "NEC", 6653: "Tyan", 10368: "Fujitsu", 10876: "Supermicro", 15000: "Kontron", 15370: "Gigabyte", 19046: "Lenovo", 20301: "IBM", 20974: "American Megatrends",
	47196: "HPE", 49622: "ASRock Rack"}

func (d *device) tell(e dissect.Emitter, s model.Subject) {
	say := func(kind model.Kind, v, source string) {
		e.Observe(dissect.Claim{Subject: s, Kind: kind, Value: v, Source: source})
	}
	if name, known := makers[d.manufacturer]; known {
		say(model.KindVendor, name, "ipmi.manufacturer_id")
	} else if d.manufacturer != 0 {
		say(model.KindFingerprint, "enterprise "+strconv.Itoa(d.manufacturer), "ipmi.manufacturer_id")
	}
	say(model.KindIdentifier, fmt.Sprintf("product %d", d.product), "ipmi.product_id")
	say(model.KindFirmware, d.firmware, "ipmi.firmware_revision")
	say(model.KindCapability, d.version, "ipmi.version")
}

// system returns the GUID of the managed system that RAKP message 2 of version 2.0 carries (section 13.21).
func system(data []byte) (string, bool) {
	c := wire.At(data)
	c.Skip(4) // RMCP
	form, kind := c.U8(), c.U8()
	c.Skip(8 + 2) // session id and number, length
	c.Skip(1)
	status := c.U8()
	c.Skip(2 + 4 + 16) // reserved, console's session, random number
	id := c.Bytes(16)
	return fmt.Sprintf("%x", id), c.OK() && form == 6 && kind == 0x13 && status == 0 && len(bytes.Trim(id, "\x00")) > 0
}
