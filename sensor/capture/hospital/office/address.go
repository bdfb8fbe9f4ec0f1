package office

import (
	"encoding/binary"
	"time"

	"github.com/wardscope/wardscope/sensor/capture/hospital/wire"
)

const (
	etherARP  = 0x0806
	etherIPv4 = 0x0800
)

func arp(operation uint16, sender wire.MAC, senderIP wire.IP, target wire.MAC, targetIP wire.IP) []byte {
	var b wire.Buf
	b.U16(1, etherIPv4).U8(6, 4).U16(operation).Raw(sender[:], senderIP[:], target[:], targetIP[:])
	return b
}

// ARP writes a question for an address and its answer.
func ARP(s *wire.Script, asker wire.MAC, askerIP wire.IP, owner wire.MAC, ownerIP wire.IP) {
	s.Link(wire.Client, 0, etherARP, wire.Broadcast, arp(1, asker, askerIP, wire.MAC{}, ownerIP))
	s.Link(wire.Server, s.Rand.Between(50*time.Microsecond, time.Millisecond), etherARP, asker, arp(2, owner, ownerIP, asker, askerIP))
}

// Announce writes a gratuitous ARP (RFC 5227, section 2.3).
func Announce(s *wire.Script, mac wire.MAC, ip wire.IP) {
	s.Link(wire.Client, 0, etherARP, wire.Broadcast, arp(1, mac, ip, wire.MAC{}, ip))
}

// Lease is what a DHCP client asks for and gets.
type Lease struct {
	Client            wire.MAC
	Address           wire.IP
	Server, Router    wire.IP
	DNS               wire.IP
	Host, Domain      string
	Class             string // option 60; empty for none
	Parameters        []byte // option 55
	FQDN              bool   // option 81
	Renew             bool   // REQUEST and ACK only
	MessageSizeOption bool
}

func option(code byte, value ...byte) []byte {
	return append([]byte{code, byte(len(value))}, value...)
}

// dhcp is a BOOTP message with options (RFC 2131, section 2).
func (l Lease) dhcp(op byte, xid uint32, ciaddr, yiaddr wire.IP, options ...[]byte) []byte {
	var b wire.Buf
	b.U8(op, 1, 6, 0).U32(xid).U16(0, 0).Raw(ciaddr[:], yiaddr[:], []byte{0, 0, 0, 0, 0, 0, 0, 0}, l.Client[:]).Zero(10 + 64 + 128)
	b.U8(0x63, 0x82, 0x53, 0x63)
	b.Raw(options...).U8(255)
	if len(b) < 300 { // RFC 1542, section 2.1
		b.Zero(300 - len(b))
	}
	return b
}

func (l Lease) identity() []byte {
	out := wire.Join(option(61, append([]byte{1}, l.Client[:]...)...), option(12, []byte(l.Host)...))
	if l.FQDN {
		out = append(out, option(81, append([]byte{0, 0, 0}, l.Host+"."+l.Domain...)...)...)
	}
	if l.Class != "" {
		out = append(out, option(60, []byte(l.Class)...)...)
	}
	if l.MessageSizeOption {
		out = append(out, option(57, 5, 220)...)
	}
	return append(out, option(55, l.Parameters...)...)
}

// DHCP writes a lease: discover, offer, request, ack, or the last two when it is renewed.
// serverMAC sends the server's frames: the server's own or the relaying router's.
func DHCP(s *wire.Script, l Lease) {
	xid := uint32(s.Rand.Uint64())
	var none wire.IP
	send := func(from wire.From, wait time.Duration, src, dst wire.IP, to wire.MAC, msg []byte) {
		cp, sp := uint16(68), uint16(67)
		if from == wire.Server {
			cp, sp = sp, cp
		}
		s.Link(from, wait, etherIPv4, to, wire.UDPPacket(src, dst, cp, sp, 128, msg))
	}
	grant := wire.Join(option(54, l.Server[:]...), option(51, 0, 0, 0x70, 0x80), option(1, 255, 255, 255, 0),
		option(3, l.Router[:]...), option(6, l.DNS[:]...), option(15, []byte(l.Domain)...))
	if l.Renew {
		send(wire.Client, 0, l.Address, l.Server, wire.MAC{}, l.dhcp(1, xid, l.Address, none, option(53, 3), l.identity()))
		send(wire.Server, time.Millisecond, l.Server, l.Address, l.Client, l.dhcp(2, xid, l.Address, l.Address, option(53, 5), grant))
		return
	}
	send(wire.Client, 0, none, wire.BroadcastIP, wire.Broadcast, l.dhcp(1, xid, none, none, option(53, 1), l.identity()))
	send(wire.Server, 2*time.Millisecond, l.Server, l.Address, l.Client, l.dhcp(2, xid, none, l.Address, option(53, 2), grant))
	send(wire.Client, 3*time.Millisecond, none, wire.BroadcastIP, wire.Broadcast,
		l.dhcp(1, xid, none, none, option(53, 3), option(50, l.Address[:]...), option(54, l.Server[:]...), l.identity()))
	send(wire.Server, 2*time.Millisecond, l.Server, l.Address, l.Client, l.dhcp(2, xid, none, l.Address, option(53, 5), grant))
}

// NTP writes a question and answer of version 4.
func NTP(s *wire.Script, now int64) {
	t := uint64(now/1e9+2208988800) << 32
	packet := func(mode, stratum byte, stamps ...uint64) []byte {
		var b wire.Buf
		b.U8(0x20|mode, stratum, 6, 0xe9).U32(0x10, 0x20).Str("GPS\x00")
		for _, v := range stamps {
			b = binary.BigEndian.AppendUint64(b, v)
		}
		return b
	}
	s.Ask(packet(3, 0, 0, 0, 0, t))
	s.Answer(packet(4, 1, t, t, t, t))
}

// Syslog writes one RFC 3164 message.
func Syslog(s *wire.Script, now int64, host, text string) {
	s.Ask([]byte("<134>" + time.Unix(0, now).UTC().Format(time.Stamp) + " " + host + " " + text))
}
