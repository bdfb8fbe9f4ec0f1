package arp

import (
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/decode"
	"github.com/wardscope/wardscope/sensor/dissect"
)

type protocol struct{}

// New returns the ARP dissector.
func New() dissect.PacketProtocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "arp", Transport: dissect.Link, EtherTypes: []uint16{0x0806}}
}

func (protocol) Packet(e dissect.Emitter, p *decode.Packet) bool {
	a, ok := Parse(p.Payload)
	if !ok {
		return false
	}
	if a.Sender.IsUnspecified() || a.Sender.IsMulticast() || a.SenderMAC == 0 || a.SenderMAC.IsGroup() {
		return true
	}
	e.Observe(dissect.Claim{Subject: model.Subject{Addr: a.Sender, MAC: a.SenderMAC}, Kind: model.KindAddressBinding,
		Value: a.Sender.String(), Source: "arp.sender"})
	return true
}
