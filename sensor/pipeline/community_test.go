package pipeline_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net/netip"
	"testing"

	"github.com/wardscope/wardscope/sensor/capture/pcapfile"
	"github.com/wardscope/wardscope/sensor/pipeline"
)

// references are the values of the Community ID specification for its test captures (default
// settings), by protocol, ends and ports; of ICMP type and counterpart, or type and code.
var references = []struct {
	protocol         byte
	src, dst         string
	srcPort, dstPort uint16
	id               string
}{
	{58, "fe80::200:86ff:fe05:80da", "fe80::260:97ff:fe07:69ea", 135, 136, "1:dGHyGvjMfljg6Bppwm3bg0LO8TY="},
	{58, "fe80::260:97ff:fe07:69ea", "fe80::200:86ff:fe05:80da", 136, 135, "1:dGHyGvjMfljg6Bppwm3bg0LO8TY="},
	{58, "fe80::260:97ff:fe07:69ea", "fe80::200:86ff:fe05:80da", 135, 136, "1:zavyT/cezQr1fmImYCwYnMXbgck="},
	{58, "fe80::200:86ff:fe05:80da", "fe80::260:97ff:fe07:69ea", 136, 135, "1:zavyT/cezQr1fmImYCwYnMXbgck="},
	{58, "3ffe:501:1800:2345::2", "3ffe:507:0:1:200:86ff:fe05:80da", 3, 0, "1:2ObVBgIn28oZvibYZhZMBgh7WdQ="},
	{58, "3ffe:501:410:0:2c0:dfff:fe47:33e", "3ffe:507:0:1:200:86ff:fe05:80da", 1, 4, "1:hLZd0XGWojozrvxqE0dWB1iM6R0="},
	{58, "3ffe:507:0:1:200:86ff:fe05:80da", "3ffe:501:0:1001::2", 128, 129, "1:+TW+HtLHvV1xnGhV1lv7XoJrqQg="},
	{58, "3ffe:501:0:1001::2", "3ffe:507:0:1:200:86ff:fe05:80da", 129, 128, "1:+TW+HtLHvV1xnGhV1lv7XoJrqQg="},
	{58, "fe80::200:86ff:fe05:80da", "ff02::2", 133, 134, "1:hO+sN4H+MG5MY/8hIrXPqc4ZQz0="},
	{58, "fe80::260:97ff:fe07:69ea", "ff02::1", 134, 133, "1:pkvHqCL88/tg1k4cPigmZXUtL00="},
	{1, "192.168.0.89", "192.168.0.1", 8, 0, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk="},
	{1, "192.168.0.1", "192.168.0.89", 0, 8, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk="},
	{1, "10.0.0.1", "10.0.0.2", 11, 0, "1:YHxtAirCG//0OzkcVAukqKQN9xM="},
	{6, "2001:470:e5bf:dead:4957:2174:e82c:4887", "2607:f8b0:400c:c03::1a", 63943, 25, "1:/qFaeAR+gFe1KYjMzVDsMv+wgU4="},
	{6, "2607:f8b0:400c:c03::1a", "2001:470:e5bf:dead:4957:2174:e82c:4887", 25, 63943, "1:/qFaeAR+gFe1KYjMzVDsMv+wgU4="},
	{132, "192.168.170.8", "192.168.170.56", 7, 7, "1:MP2EtRCAUIZvTw6MxJHLV7N7JDs="},
	{132, "192.168.170.56", "192.168.170.8", 7, 7, "1:MP2EtRCAUIZvTw6MxJHLV7N7JDs="},
	{6, "128.232.110.120", "66.35.250.204", 34855, 80, "1:LQU9qZlK+B5F3KDmev6m5PMibrg="},
	{6, "66.35.250.204", "128.232.110.120", 80, 34855, "1:LQU9qZlK+B5F3KDmev6m5PMibrg="},
	{17, "192.168.1.52", "8.8.8.8", 54585, 53, "1:d/FP5EW3wiY1vCndhwleRRKHowQ="},
	{17, "8.8.8.8", "192.168.1.52", 53, 54585, "1:d/FP5EW3wiY1vCndhwleRRKHowQ="},
	{46, "10.1.12.1", "10.1.12.2", 0, 0, "1:KHlLkgoJW7ifUTyTSgyVfkFHzKw="},
	{46, "10.1.12.2", "10.1.12.1", 0, 0, "1:KHlLkgoJW7ifUTyTSgyVfkFHzKw="},
}

// The whole sensor gives each packet of the specification's captures the reference value: decoder,
// flow table, which orders ends and pairs ICMP types, and output.
func TestCommunityReferences(t *testing.T) {
	for _, r := range references {
		src, dst := netip.MustParseAddr(r.src), netip.MustParseAddr(r.dst)
		name := fmt.Sprintf("%d %s:%d %s:%d", r.protocol, src, r.srcPort, dst, r.dstPort)
		var out bytes.Buffer
		file := bytes.NewReader(pcapOf(packetOf(r.protocol, src, dst, r.srcPort, r.dstPort)))
		if err := pipeline.Read(t.Context(), pipeline.DefaultConfig(), pcapfile.NewStream(1, name, file), &out); err != nil {
			t.Fatal(err)
		}
		if want := `"communityId":"` + r.id + `"`; bytes.Count(out.Bytes(), []byte(`"flow"`)) != 1 || !bytes.Contains(out.Bytes(), []byte(want)) {
			t.Errorf("%s: got %s, want one flow with %s", name, out.Bytes(), r.id)
		}
	}
}

// packetOf is an IP packet whose transport header names the ports; of ICMP, type and code.
func packetOf(protocol byte, src, dst netip.Addr, srcPort, dstPort uint16) []byte {
	body := make([]byte, 20)
	binary.BigEndian.PutUint16(body, srcPort)
	binary.BigEndian.PutUint16(body[2:], dstPort)
	switch protocol {
	case 1, 58:
		code := byte(dstPort)
		if srcPort >= 128 || srcPort == 0 { // the second is the counterpart
			code = 0
		}
		body[0], body[1], body[2], body[3] = byte(srcPort), code, 0, 0
	case 6:
		body[12], body[13] = 5<<4, 0x10
	case 17:
		binary.BigEndian.PutUint16(body[4:], uint16(len(body)))
	}
	if src.Is4() {
		head := []byte{0x45, 0, 0, byte(20 + len(body)), 0, 1, 0, 0, 64, protocol, 0, 0}
		return append(append(append(head, src.AsSlice()...), dst.AsSlice()...), body...)
	}
	head := []byte{0x60, 0, 0, 0, 0, byte(len(body)), protocol, 64}
	return append(append(append(head, src.AsSlice()...), dst.AsSlice()...), body...)
}

// pcapOf is a capture of one raw IP packet.
func pcapOf(packet []byte) []byte {
	var b []byte
	for _, v := range []uint32{0xa1b2c3d4, 2 | 4<<16, 0, 0, 1 << 16, 101, 1_700_000_000, 0, uint32(len(packet)), uint32(len(packet))} {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	return append(b, packet...)
}
