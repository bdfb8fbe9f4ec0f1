package clinical

import (
	"encoding/binary"
	"encoding/hex"
	"strings"
	"time"

	"github.com/wardscope/wardscope/sensor/capture/hospital/wire"
)

// Monitor identifies a patient monitor of the IntelliVue family.
type Monitor struct {
	Maker, Model, Serial, Software, Label string
	MAC                                   wire.MAC
	IP                                    wire.IP
	Numerics                              int // in one poll result; 0 means 8
}

// The association request of the data export protocol (Philips 4535 642 59271, "Association
// Request Message"), without its session header. Its presentation part is fixed.
const associationRequest = `
 05 08 13 01 00 16 01 02 80 00 14 02 00 02
 c1 dc 31 80 a0 80 80 01 01 00 00 a2 80 a0 03 00 00 01 a4 80 30 80 02 01 01 06 04 52 01 00 01 30 80 06 02 51 01 00 00
 00 00 00 00 30 80 02 01 02 06 0c 2a 86 48 ce 14 02 01 00 00 00 01 01 30 80 06 0c 2a 86 48 ce 14 02 01 00 00 00 02 01
 00 00 00 00 00 00 61 80 30 80 02 01 01 a0 80 60 80 a1 80 06 0c 2a 86 48 ce 14 02 01 00 00 00 03 01 00 00 be 80 28 80
 06 0c 2a 86 48 ce 14 02 01 00 00 00 01 01 02 01 02 81 48 80 00 00 00 40 00 00 00 00 00 00 00 80 00 00 00 20 00 00 00
 00 00 00 00 00 01 00 2c 00 01 00 28 80 00 00 00 00 00 0f a0 00 00 05 b0 00 00 05 b0 ff ff ff ff 60 00 00 00 00 01 00
 0c f0 01 00 08 80 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00`

func unhex(s string) []byte {
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		return nil
	}
	return b
}

// attribute is an AVA: id, length, value.
func attribute(id uint16, value []byte) []byte {
	var b wire.Buf
	b.U16(id).Raw(wire.Len16(value))
	return b
}

func variableLabel(v string) []byte { return wire.Len16(even(v)) }

// wide is a String: UTF-16, big-endian, ended by a zero.
func wide(v string) []byte {
	var b wire.Buf
	for i := range len(v) {
		b.U16(uint16(v[i]))
	}
	return wire.Len16(*b.U16(0))
}

// export wraps a remote operation in the session and presentation header of data export.
func export(operation uint16, body []byte) []byte {
	var b wire.Buf
	b.U16(0xe100, 0x0002, operation).Raw(wire.Len16(body))
	return b
}

// systemType is NOM_DEV_MON_PHYSIO_MULTI_PARAM_MDS in the partition of objects.
var systemType = []byte{0, 1, 0x11, 0x4d}

// mdsCreate is the MDS create event: system id, model, production specification.
func (m Monitor) mdsCreate() []byte {
	// serial number and software revision of the product
	spec := wire.Join([]byte{0, 1, 0, 8}, variableLabel(m.Serial), []byte{0, 4, 0, 8}, variableLabel(m.Software))
	attrs := [][]byte{
		attribute(0x0984, wire.Len16(m.MAC[:])),                                      // NOM_ATTR_SYS_ID
		attribute(0x0928, wire.Join(variableLabel(m.Maker), variableLabel(m.Model))), // NOM_ATTR_ID_MODEL
		attribute(0x092d, wire.Join([]byte{0, 2}, wire.Len16(spec))),                 // NOM_ATTR_ID_PROD_SPECN
		attribute(0x091e, wide(m.Label)),                                             // NOM_ATTR_ID_BED_LABEL
		attribute(0x0986, systemType),                                                // NOM_ATTR_SYS_TYPE
	}
	list := wire.Join([]byte{0, byte(len(attrs))}, wire.Len16(attrs...))
	var event wire.Buf
	event.U16(0x0021, 0, 0).U32(0x00123456).U16(0x0d06).Raw(wire.Len16([]byte{0, 0x21, 0, 0, 0, 0}, list))
	return export(1, wire.Join([]byte{0, 1, 0, 1}, wire.Len16(event)))
}

// pollResult is one single poll linked result with numerics.
func pollResult(n int, r *wire.Rand) []byte {
	var b wire.Buf
	for i := range n {
		b.U16(uint16(0x4000+i), 3).Raw(wire.Len16(
			attribute(0x0950, wire.Join([]byte{0x41, 0x82, 0, 0, 0x0a, 0xa0}, r.Bytes(4))),
			attribute(0x0924, r.Bytes(4)), attribute(0x0927, r.Bytes(8))))
	}
	var poll wire.Buf
	poll.U16(0x0021, 0, 0).U16(0x0c16).Raw(wire.Len16([]byte{0, 1, 0, 1}, r.Bytes(12), wire.Len16(b)))
	return export(2, wire.Join([]byte{0, 1, 0, 7}, wire.Len16(poll)))
}

// DataExport writes the association of a central station with a monitor and its polls: the
// station asks, the monitor sends numerics, every second on average.
func DataExport(s *wire.Script, m Monitor, every time.Duration, polls int) {
	aarq := unhex(associationRequest)
	s.Ask([]byte{0x0d, byte(len(aarq))}, aarq)
	aare := append([]byte{}, aarq...)
	s.Answer([]byte{0x0e, byte(len(aare))}, aare)
	s.Answer(m.mdsCreate())
	s.Ask(export(2, []byte{0, 1, 0, 1, 0, 14, 0, 0x21, 0, 0, 0, 0, 0, 0, 0, 0, 0x0d, 0x06, 0, 0}))
	numerics := m.Numerics
	if numerics == 0 {
		numerics = 8
	}
	poll := export(1, []byte{0, 1, 0, 7, 0, 22, 0, 0x21, 0, 0, 0, 0, 0, 0, 0, 0, 0x0c, 0x16, 0, 8, 0, 1, 0, 1, 0, 6, 0, 0})
	for left := polls; left > 0; left -= 30 {
		s.Ask(poll)
		s.Pause(time.Second)
		s.Repeat(wire.Server, every, min(left, 30), pollResult(numerics, s.Rand), func(i int, b []byte) {
			binary.BigEndian.PutUint16(b[8:], uint16(i)) // invoke id
		})
	}
}

// ConnectIndication writes a monitor's broadcasts on port 24005: who it is and where it listens.
func ConnectIndication(s *wire.Script, m Monitor, every time.Duration, times int) {
	address := wire.Join(m.MAC[:], m.IP[:], []byte{255, 255, 255, 0})
	attrs := [][]byte{
		attribute(0x0986, systemType),
		attribute(0xf100, address), // NOM_ATTR_NET_ADDR_INFO
		attribute(0xf101, wire.Join([]byte{0, 1}, wire.Len16([]byte{0, 5, 0, 1, 0x5e, 0x29, 0, 0}))), // NOM_ATTR_PCOL_SUPPORT
		attribute(0x0984, wire.Len16(m.MAC[:])),
		attribute(0x0928, wire.Join(variableLabel(m.Maker), variableLabel(m.Model))),
		attribute(0x091e, wide(m.Label)),
	}
	list := wire.Join([]byte{0, byte(len(attrs))}, wire.Len16(attrs...))
	var event wire.Buf
	event.U16(0x0023, 0, 0).U32(0).U16(0x0d17).Raw(wire.Len16(list)) // NOM_NOTI_CONN_INDIC
	var b wire.Buf
	b.U16(0, 0x0100, 1).Raw(wire.Len16([]byte{0, 0, 0, 0}, wire.Len16(event)))
	s.Repeat(wire.Client, every, times, b, nil)
}
