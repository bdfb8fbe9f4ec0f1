package modbus

import (
	"fmt"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

// UMAS is Schneider Electric's programming protocol in Modbus function 90: a session byte, then a
// code, or FE for "done" in answers (FD for "failed").
const (
	umasReadID = 0x02
	umasDone   = 0xfe
)

// umasCode is the code of a request; 0 is "initialise".
func umasCode(pdu []byte) uint8 {
	if len(pdu) < 3 || pdu[0] != 90 {
		return 0
	}
	return pdu[2]
}

// umas reads the answer to "read id": identification (6 bytes), model, version, patch, internal and
// hardware version (2 bytes each), crash code (4) and type (2), then the controller's reference as
// text with its length. Project names, which people type, are in other answers and stay unread.
func (d *dissector) umas(e dissect.Emitter, pdu []byte, asked uint8) {
	if d.named || asked != umasReadID || len(pdu) < 3 || pdu[2] != umasDone {
		return
	}
	c := wire.At(pdu[3:])
	c.Skip(8)
	version := c.L16()
	c.Skip(12)
	reference := wire.TrimText(wire.Until(c.Bytes(int(c.U8())), 0))
	if !c.OK() || !wire.Printable(reference) {
		return
	}
	d.named = true
	s := dissect.About(e.Flow().Responder)
	for _, claim := range [3]struct {
		kind          model.Kind
		value, source string
	}{
		{model.KindVendor, "Schneider Electric", "umas.read_id"}, {model.KindModel, string(reference), "umas.read_id"},
		{model.KindFirmware, fmt.Sprintf("%x.%02x", version>>8, version&0xff), "umas.version"},
	} {
		e.Observe(dissect.Claim{Subject: s, Kind: claim.kind, Value: claim.value, Source: claim.source})
	}
	e.Service("umas")
}
