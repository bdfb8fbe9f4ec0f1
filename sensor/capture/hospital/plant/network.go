package plant

import (
	"time"

	"github.com/wardscope/wardscope/sensor/capture/hospital/wire"
)

var (
	lldpGroup = wire.MAC{1, 0x80, 0xc2, 0, 0, 0x0e}
	stpGroup  = wire.MAC{1, 0x80, 0xc2, 0, 0, 0}
	cdpGroup  = wire.MAC{1, 0, 0x0c, 0xcc, 0xcc, 0xcc}
)

// Gear is network equipment as its announcements name it.
type Gear struct {
	MAC                             wire.MAC
	IP                              wire.IP
	Name, Description, Port, Model  string
	Software                        string
	Bridge, Router, Phone, Terminal bool
}

// LLDP writes announcements (IEEE 802.1AB, section 8), every apart.
func LLDP(s *wire.Script, g Gear, every time.Duration, times int) {
	tlv := func(typ int, parts ...[]byte) []byte {
		body := wire.Join(parts...)
		return wire.Join([]byte{byte(typ<<1 | len(body)>>8), byte(len(body))}, body)
	}
	var caps byte
	for _, c := range []struct {
		on  bool
		bit byte
	}{{g.Bridge, 4}, {g.Router, 16}, {g.Phone, 32}, {g.Terminal, 128}} {
		if c.on {
			caps |= c.bit
		}
	}
	frame := wire.Join(tlv(1, []byte{4}, g.MAC[:]), tlv(2, []byte{5}, []byte(g.Port)), tlv(3, []byte{0, 120}), tlv(5, []byte(g.Name)),
		tlv(6, []byte(g.Description)), tlv(7, []byte{0, caps, 0, caps}), tlv(8, []byte{5, 1}, g.IP[:], []byte{2, 0, 0, 0, 1, 0}), tlv(0))
	repeatLink(s, every, times, 0x88cc, lldpGroup, frame)
}

func repeatLink(s *wire.Script, every time.Duration, times int, typ uint16, to wire.MAC, frame []byte) {
	s.Steps = append(s.Steps, wire.Step{Wait: every, Data: frame, Times: times, Every: every, EtherType: typ, To: to})
}

// CDP writes announcements of Cisco's protocol, every apart.
func CDP(s *wire.Script, g Gear, every time.Duration, times int) {
	tlv := func(typ uint16, parts ...[]byte) []byte {
		body := wire.Join(parts...)
		var b wire.Buf
		b.U16(typ, uint16(len(body)+4)).Raw(body)
		return b
	}
	caps := []byte{0, 0, 0, 0x28}
	if g.Phone {
		caps = []byte{0, 0, 4, 0x90}
	}
	body := wire.Join([]byte{2, 180, 0, 0}, tlv(1, []byte(g.Name)), tlv(2, []byte{0, 0, 0, 1, 1, 1, 0xcc, 0, 4}, g.IP[:]), tlv(3, []byte(g.Port)),
		tlv(4, caps), tlv(5, []byte(g.Software)), tlv(6, []byte(g.Model)))
	if len(body)%2 == 1 {
		body = wire.Join(body[:4], tlv(1, []byte(g.Name)), tlv(2, []byte{0, 0, 0, 1, 1, 1, 0xcc, 0, 4}, g.IP[:]), tlv(3, []byte(g.Port)),
			tlv(4, caps), tlv(5, []byte(g.Software+" ")), tlv(6, []byte(g.Model)))
	}
	var acc uint32
	for i := 0; i < len(body); i += 2 {
		acc += uint32(body[i])<<8 | uint32(body[i+1])
	}
	for acc > 0xffff {
		acc = acc>>16 + acc&0xffff
	}
	body[2], body[3] = byte(^acc>>8), byte(^acc)
	repeatLink(s, every, times, 0, cdpGroup, wire.Join([]byte{0xaa, 0xaa, 3, 0, 0, 0x0c, 0x20, 0}, body))
}

// SpanningTree writes rapid spanning tree hellos of a root bridge (IEEE 802.1Q, section 14).
func SpanningTree(s *wire.Script, bridge wire.MAC, every time.Duration, times int) {
	var b wire.Buf
	b.U8(0x42, 0x42, 3).U16(0).U8(2, 2, 0x3c).U16(0x8000).Raw(bridge[:]).U32(0).U16(0x8000).Raw(bridge[:]).U16(0x8001, 0, 0x1400, 0x0200, 0x0f00).U8(0)
	repeatLink(s, every, times, 0, stpGroup, b)
}

// SNMP is a question of version 2c and what the agent says.
type SNMP struct {
	Community   string
	Version     byte // 0 for v1, 1 for v2c
	Description string
	Name        string
	ObjectID    []byte // sysObjectID, encoded
}

// Query writes a get of sysDescr, sysObjectID and sysName, and the response.
func Query(s *wire.Script, q SNMP) {
	id := wire.BERInt(uint32(s.Rand.Uint64() >> 34))
	bind := func(last byte, value []byte) []byte {
		return wire.BER(0x30, wire.BER(6, []byte{0x2b, 6, 1, 2, 1, 1, last, 0}), value)
	}
	message := func(tag byte, binds ...[]byte) []byte {
		return wire.BER(0x30, wire.BERInt(uint32(q.Version)), wire.BER(4, []byte(q.Community)),
			wire.BER(tag, id, wire.BERInt(0), wire.BERInt(0), wire.BER(0x30, binds...)))
	}
	null := []byte{5, 0}
	s.Ask(message(0xa0, bind(1, null), bind(2, null), bind(5, null)))
	s.Answer(message(0xa2, bind(1, wire.BER(4, []byte(q.Description))), bind(2, wire.BER(6, q.ObjectID)), bind(5, wire.BER(4, []byte(q.Name)))))
}
