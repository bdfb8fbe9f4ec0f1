package dhcp

import (
	"encoding/binary"
	"encoding/hex"
	"strconv"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

type protocol struct{}

// New returns the DHCP dissector.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "dhcp", Transport: dissect.UDP, Ports: []uint16{67, 68, 4011}}
}

func (protocol) Probe(_ *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	if _, ok := Parse(data); !ok {
		return dissect.NotMine
	}
	return dissect.Mine
}

func (protocol) New() dissect.Dissector { return dissector{} }

type dissector struct{}

func (dissector) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	m, ok := Parse(data)
	if !ok {
		return len(data), dissect.More
	}
	client := speaker{e, model.Subject{Addr: m.Client, MAC: m.MAC}}
	if m.Reply {
		reply(e, dir, &m)
	} else {
		client.request(&m)
	}
	client.location(m.Option(82))
	return len(data), dissect.More
}

type speaker struct {
	e       dissect.Emitter
	subject model.Subject
}

func (s speaker) say(kind model.Kind, v, source string) {
	s.e.Observe(dissect.Claim{Subject: s.subject, Kind: kind, Value: v, Source: source})
}

func (s speaker) request(m *Message) {
	s.say(model.KindHostname, wire.String(m.Option(12)), "dhcp.option12")
	s.say(model.KindHostname, m.FQDN(), "dhcp.option81")
	s.say(model.KindFingerprint, order(m.Option(55)), "dhcp.option55")
	s.say(model.KindFingerprint, text(m.Option(60)), "dhcp.option60")
	s.say(model.KindFingerprint, text(m.Option(77)), "dhcp.option77")
	s.say(model.KindIdentifier, wire.String(m.Option(161)), "dhcp.option161")
	if v := m.Option(93); len(v) >= 2 {
		s.say(model.KindFingerprint, wire.Join("architecture ", strconv.Itoa(int(binary.BigEndian.Uint16(v)))), "dhcp.option93")
	}
	if v := m.Option(61); len(v) > 1 && !(v[0] == 1 && len(v) == 7) {
		s.say(model.KindIdentifier, digits(v), "dhcp.option61")
	}
	c := wire.At(m.Option(124))
	if enterprise, v := c.U32(), c.Sub(int(c.U8())); c.OK() {
		s.say(model.KindFingerprint, "enterprise "+strconv.Itoa(int(enterprise))+" "+text(v.Rest()), "dhcp.option124")
	}
	if !s.subject.Addr.IsZero() && s.subject.MAC != 0 {
		s.say(model.KindAddressBinding, wire.Addr(s.subject.Addr), "dhcp.ciaddr")
	}
}

// location takes the relay's circuit id (RFC 3046, section 3.1): the switch port of the client.
func (s speaker) location(v []byte) {
	for c := wire.At(v); c.Len() >= 2; {
		code := c.U8()
		sub := c.Sub(int(c.U8()))
		if code == 1 && sub.OK() {
			s.say(model.KindLocation, wire.Join("circuit ", text(sub.Rest())), "dhcp.option82")
		}
	}
}

func reply(e dissect.Emitter, dir dissect.Direction, m *Message) {
	if m.Type != Offer && m.Type != Ack {
		return
	}
	server := e.Flow().Sender(dir)
	if id := m.Option(54); len(id) == 4 {
		if a := model.AddrFrom4(id); a != server.Addr { // relayed: the MAC is the relay's
			server = model.Endpoint{Addr: a}
		}
	}
	speaker{e, dissect.About(server)}.say(model.KindRole, "DHCP server", "dhcp.option54")
	if m.Type != Ack {
		return
	}
	client := speaker{e, model.Subject{Addr: m.Given, MAC: m.MAC}}
	if !m.Given.IsZero() && m.MAC != 0 {
		client.say(model.KindAddressBinding, wire.Addr(m.Given), "dhcp.yiaddr")
	}
	client.say(model.KindDomain, wire.String(m.Option(15)), "dhcp.option15")
	client.say(model.KindHostname, wire.String(m.Option(12)), "dhcp.ack_option12")
	roles(e, m.Option(3), "router", "dhcp.option3")
	roles(e, m.Option(6), "DNS server", "dhcp.option6")
}

func roles(e dissect.Emitter, list []byte, role, source string) {
	for c := wire.At(list[:min(len(list), 16)]); c.Len() >= 4; {
		if a := model.AddrFrom4(c.Bytes(4)); !a.IsUnspecified() && !a.IsMulticast() {
			speaker{e, model.Subject{Addr: a}}.say(model.KindRole, role, source)
		}
	}
}

// order renders option 55 as fingerprint tables write it: decimal, in the order of the wire.
func order(v []byte) string {
	var room [256]byte
	b := room[:0]
	for i, code := range v {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendUint(b, uint64(code), 10)
	}
	return wire.String(b)
}

// text is the bytes as they are when they are text, else in hexadecimal.
func text(v []byte) string {
	if t := wire.TrimText(v); wire.Printable(t) {
		return wire.String(t)
	}
	return digits(v)
}

func digits(v []byte) string {
	var room [128]byte
	return wire.String(hex.AppendEncode(room[:0], v))
}
