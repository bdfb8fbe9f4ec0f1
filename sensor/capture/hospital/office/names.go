package office

import (
	"strings"
	"time"

	"github.com/wardscope/wardscope/sensor/capture/hospital/wire"
)

// Record types and classes (RFC 1035, section 3.2; RFC 2782).
const (
	typeA    = 1
	typePTR  = 12
	typeTXT  = 16
	typeSRV  = 33
	typeNB   = 32
	classIN  = 1
	unique   = 0x8001 // mDNS cache flush
	response = 0x8400
)

func dnsName(name string) []byte {
	var b wire.Buf
	for label := range strings.SplitSeq(strings.TrimSuffix(name, "."), ".") {
		b.U8(byte(len(label))).Str(label)
	}
	b.U8(0)
	return b
}

type record struct {
	name       string
	typ, class uint16
	ttl        uint32
	data       []byte
}

func message(id, flags uint16, questions []record, answers, additional []record) []byte {
	var b wire.Buf
	b.U16(id, flags, uint16(len(questions)), uint16(len(answers)), 0, uint16(len(additional)))
	for _, q := range questions {
		b.Raw(dnsName(q.name)).U16(q.typ, q.class)
	}
	for _, a := range append(append([]record{}, answers...), additional...) {
		b.Raw(dnsName(a.name)).U16(a.typ, a.class).U32(a.ttl).Raw(wire.Len16(a.data))
	}
	return b
}

// Lookup writes a DNS question for an address and its answer; answer nil means NXDOMAIN.
func Lookup(s *wire.Script, name string, answer *wire.IP) {
	id := uint16(s.Rand.Uint64())
	q := []record{{name: name, typ: typeA, class: classIN}}
	s.Ask(message(id, 0x0100, q, nil, nil))
	if answer == nil {
		s.Answer(message(id, 0x8183, q, nil, nil))
		return
	}
	s.Answer(message(id, 0x8180, q, []record{{name, typeA, classIN, 300, answer[:]}}, nil))
}

// LookupService writes a DNS question for a service record, as a domain member asks it.
func LookupService(s *wire.Script, name, target string, port uint16, ip wire.IP) {
	id := uint16(s.Rand.Uint64())
	q := []record{{name: name, typ: typeSRV, class: classIN}}
	var data wire.Buf
	data.U16(0, 100, port).Raw(dnsName(target))
	s.Ask(message(id, 0x0100, q, nil, nil))
	s.Answer(message(id, 0x8580, q, []record{{name, typeSRV, classIN, 600, data}}, []record{{target, typeA, classIN, 1200, ip[:]}}))
}

// Service is what mDNS announces.
type Service struct {
	Type string // "_ipp._tcp.local"
	Name string // instance
	Port uint16
	Text []string
}

// AnnounceMDNS writes a host's unsolicited mDNS response: its address and services.
func AnnounceMDNS(s *wire.Script, host string, ip wire.IP, services ...Service) {
	target := host + ".local"
	var answers []record
	for _, v := range services {
		instance := v.Name + "." + v.Type
		var srv, txt wire.Buf
		srv.U16(0, 0, v.Port).Raw(dnsName(target))
		for _, t := range v.Text {
			txt.Raw(wire.Len8([]byte(t)))
		}
		if len(txt) == 0 {
			txt.U8(0)
		}
		answers = append(answers, record{v.Type, typePTR, classIN, 4500, dnsName(instance)},
			record{instance, typeSRV, unique, 120, srv}, record{instance, typeTXT, unique, 4500, txt})
	}
	answers = append(answers, record{target, typeA, unique, 120, ip[:]})
	s.Ask(message(0, response, nil, answers, nil))
}

// QueryMDNS writes a question for a service type.
func QueryMDNS(s *wire.Script, service string) {
	s.Ask(message(0, 0, []record{{name: service, typ: typePTR, class: classIN}}, nil, nil))
}

// LLMNR writes a link-local question for a name (RFC 4795).
func LLMNR(s *wire.Script, name string) {
	q := message(uint16(s.Rand.Uint64()), 0, []record{{name: name, typ: typeA, class: classIN}}, nil, nil)
	s.Say(wire.Client, 0, q)
	s.Say(wire.Client, 410*time.Millisecond, q)
}

// netbiosName is the first-level encoding of RFC 1001, section 14.1.
func netbiosName(name string, suffix byte) string {
	var b wire.Buf
	b.Pad(strings.ToUpper(name), 15, ' ').U8(suffix)
	out := make([]byte, 0, 32)
	for _, c := range b {
		out = append(out, 'A'+c>>4, 'A'+c&15)
	}
	return string(out)
}

// RegisterNetBIOS writes the name registrations that a Windows host broadcasts: its computer
// name as workstation and server, and its domain as a group.
func RegisterNetBIOS(s *wire.Script, host, domain string, ip wire.IP) {
	for _, n := range []struct {
		name   string
		suffix byte
		flags  byte
	}{{host, 0, 0}, {host, 0x20, 0}, {domain, 0, 0x80}} {
		name := netbiosName(n.name, n.suffix)
		m := message(uint16(s.Rand.Uint64()), 0x2910, []record{{name: name, typ: typeNB, class: classIN}}, nil,
			[]record{{name, typeNB, classIN, 300000, append([]byte{n.flags, 0}, ip[:]...)}})
		s.Say(wire.Client, 20*time.Millisecond, m)
	}
}

// HostAnnouncement writes a browser announcement in a mailslot datagram (MS-BRWS, section 2.2.1).
func HostAnnouncement(s *wire.Script, host, domain string, ip wire.IP, major, minor byte) {
	var announce wire.Buf
	announce.U8(1, 0).U32LE(720000).Pad(strings.ToUpper(host), 16, 0).U8(major, minor).U32LE(0x00011003).U8(15, 1, 0x55, 0xaa).U8(0)
	slot := "\\MAILSLOT\\BROWSE\x00"
	var smb wire.Buf
	smb.U8(0xff).Str("SMB").U8(0x25).Zero(27)
	smb.U8(17).U16LE(0, uint16(len(announce)), 0, 0).U8(0, 0).U16LE(0).U32LE(1000).U16LE(0, 0, 0, uint16(len(announce)), uint16(32+1+34+2+len(slot))).U8(3, 0).U16LE(1, 1, 2)
	smb.U16LE(uint16(len(slot) + len(announce))).Str(slot).Raw(announce)
	encoded := func(name string, suffix byte) []byte {
		return wire.Join([]byte{32}, []byte(netbiosName(name, suffix)), []byte{0})
	}
	body := wire.Join(encoded(host, 0), encoded(domain, 0x1d), smb)
	var b wire.Buf
	b.U8(0x11, 0x0a).U16(uint16(s.Rand.Uint64())).Raw(ip[:]).U16(138, uint16(len(body)), 0).Raw(body)
	s.Say(wire.Client, 0, b)
}
