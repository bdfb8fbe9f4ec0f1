package arp

import (
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

// Packet is an ARP packet for IPv4 over Ethernet.
type Packet struct {
	Operation uint16 // 1 request, 2 reply
	SenderMAC model.MAC
	Sender    model.Addr
	Target    model.Addr
}

// Parse reads the packet of RFC 826; false for other hardware or protocol types and short ones.
func Parse(b []byte) (p Packet, ok bool) {
	c := wire.At(b)
	hardware, protocol := c.U16(), c.U16()
	lengths := c.U16()
	p.Operation = c.U16()
	sha, spa, _, tpa := c.Bytes(6), c.Bytes(4), c.Bytes(6), c.Bytes(4)
	if !c.OK() || hardware != 1 || protocol != 0x0800 || lengths != 0x0604 || p.Operation == 0 || p.Operation > 2 {
		return Packet{}, false
	}
	p.SenderMAC, p.Sender, p.Target = model.MACFrom(sha), model.AddrFrom4(spa), model.AddrFrom4(tpa)
	return p, true
}
