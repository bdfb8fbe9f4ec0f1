package decode_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/capture"
	"github.com/wardscope/wardscope/sensor/decode"
)

// FuzzDecode feeds any bytes as any link type, twice through one decoder so that fragments meet.
func FuzzDecode(f *testing.F) {
	for _, c := range encapsulations() {
		f.Add(uint16(c.link), c.data, uint16(0))
	}
	f.Add(uint16(101), fragment4(1, 17, 9, more, udp(53, make([]byte, 24))), uint16(0))
	f.Add(uint16(101), ipv6(1, 0, join([]byte{44, 0, 0, 0, 0, 0, 0, 0}, []byte{17, 0, 0, 1, 0, 0, 0, 9}, udp(53, make([]byte, 8)))), uint16(3))
	d := decode.New(decode.Config{FragmentBytes: 128 << 10, FragmentDatagrams: 8})
	f.Fuzz(func(t *testing.T, link uint16, data []byte, cut uint16) {
		var p decode.Packet
		for _, wire := range []int{len(data), len(data) + int(cut)} {
			d.Decode(&capture.Frame{Data: data, WireLen: wire, LinkType: capture.LinkType(link)}, &p)
			if len(p.Payload) > p.PayloadLen {
				t.Fatalf("payload of %d bytes, %d by the headers", len(p.Payload), p.PayloadLen)
			}
			if int(p.VLANCount) > len(p.VLANs) || p.HasPorts && !p.IP {
				t.Fatalf("inconsistent packet %+v", p)
			}
			if p.Reassembled {
				continue
			}
			if len(p.Payload) > len(data) {
				t.Fatalf("payload of %d bytes in a frame of %d", len(p.Payload), len(data))
			}
		}
	})
}
