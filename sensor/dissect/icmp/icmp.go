package icmp

import (
	"bytes"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/decode"
	"github.com/wardscope/wardscope/sensor/dissect"
)

type protocol struct {
	name   string
	number uint8
}

// New returns the ICMP dissector.
func New() dissect.PacketProtocol { return protocol{"icmp", 1} }

// NewV6 returns the ICMPv6 dissector; register it behind neighbour discovery.
func NewV6() dissect.PacketProtocol { return protocol{"icmpv6", 58} }

func (p protocol) Info() dissect.Info {
	return dissect.Info{Name: p.name, Transport: dissect.Link, IPProtocols: []uint8{p.number}}
}

// Message types of RFC 792 and RFC 1256.
const (
	redirect            = 5
	echoRequest         = 8
	routerAdvertisement = 9
	echoRequestV6       = 128
)

func (p protocol) Packet(e dissect.Emitter, packet *decode.Packet) bool {
	if packet.Protocol != p.number || len(packet.Payload) < 4 && !packet.Truncated {
		return false
	}
	s := model.Subject{Addr: packet.Src, MAC: packet.SrcMAC}
	kind := packet.SrcPort
	switch v4 := p.number == 1; {
	case v4 && (kind == redirect || kind == routerAdvertisement):
		e.Observe(dissect.Claim{Subject: s, Kind: model.KindRole, Value: "router", Source: p.name + ".type"})
	case v4 && kind == echoRequest, !v4 && kind == echoRequestV6:
		if v := Filling(packet.Payload); v != "" {
			e.Observe(dissect.Claim{Subject: s, Kind: model.KindStack, Value: v, Source: p.name + ".echo"})
		}
	}
	return true
}

// Filling names the system family by the data of an echo request behind its identifier and
// sequence number: Windows counts letters a to w, BSD-derived ping tools count bytes from 8 or 16
// behind a time stamp. "" when it is neither.
func Filling(b []byte) string {
	if len(b) < 4+24 {
		return ""
	}
	b = b[4:]
	if bytes.HasPrefix(b, []byte("abcdefghijklmnopqrstuvwa")) {
		return "echo filled as by Windows"
	}
	for _, from := range [2]int{8, 16} {
		counting := true
		for i := from; i < from+8; i++ {
			counting = counting && int(b[i]) == i
		}
		if counting {
			return "echo filled as by Unix"
		}
	}
	return ""
}
