package decode_test

import (
	"bytes"
	"encoding/binary"

	"github.com/wardscope/wardscope/sensor/capture"
	"github.com/wardscope/wardscope/sensor/decode"
)

// Builders of packets by their specifications; each puts its header in front of what it is given.

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func u16(v int) []byte { return binary.BigEndian.AppendUint16(nil, uint16(v)) }
func u32(v int) []byte { return binary.BigEndian.AppendUint32(nil, uint32(v)) }

// ether is an Ethernet II header from 02:…:host.
func ether(host byte, kind int, body []byte) []byte {
	return join([]byte{2, 0, 0, 0, 0, 0xfe, 2, 0, 0, 0, 0, host}, u16(kind), body)
}

// dot1q is what follows the TPID: tag and inner type.
func dot1q(id, kind int, body []byte) []byte { return join(u16(id), u16(kind), body) }

// ipv4 goes from 10.0.net.1 to 10.0.net.2.
func ipv4(net byte, proto byte, body []byte) []byte { return fragment4(net, proto, 1, 0, body) }

// fragment4 is ipv4 with an identification and a flags and offset word.
func fragment4(net, proto byte, id, word int, body []byte) []byte {
	return join([]byte{0x45, 0}, u16(20+len(body)), u16(id), u16(word), []byte{64, proto, 0, 0, 10, 0, net, 1, 10, 0, net, 2}, body)
}

// ipv6 goes from fd00::net:1 to fd00::net:2.
func ipv6(net byte, next byte, body []byte) []byte {
	address := func(host byte) []byte { return append([]byte{0xfd, 13: net, 14: 0}, host) }
	return join([]byte{0x60, 0, 0, 0}, u16(len(body)), []byte{next, 64}, address(1), address(2), body)
}

// udp goes from port 40000.
func udp(port int, body []byte) []byte {
	return join(u16(40000), u16(port), u16(8+len(body)), u16(0), body)
}

// tcp is a segment with data from port 40000 to 80.
func tcp(body string) []byte {
	return join(u16(40000), u16(80), u32(1000), u32(2000), []byte{5 << 4, decode.ACK | decode.PSH, 1, 0, 0, 0, 0, 0}, []byte(body))
}

// inside is the packet that tunnels carry: 10.0.7.1 to 10.0.7.2, TCP, "payload".
func inside() []byte { return ipv4(7, 6, tcp("payload")) }

func insideFrame() []byte { return ether(7, 0x0800, inside()) }

func llcSNAP(kind int, body []byte) []byte {
	return join([]byte{0xaa, 0xaa, 3, 0, 0, 0}, u16(kind), body)
}

// one decodes a frame with a fresh decoder.
func one(link capture.LinkType, data []byte) decode.Packet {
	var p decode.Packet
	decode.New(decode.Config{}).Decode(&capture.Frame{Data: data, WireLen: len(data), LinkType: link, Time: 1}, &p)
	return p
}
