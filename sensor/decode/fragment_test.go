package decode_test

import (
	"bytes"
	"testing"

	"github.com/wardscope/wardscope/sensor/capture"
	"github.com/wardscope/wardscope/sensor/decode"
)

// feed decodes raw IP packets with one decoder, a millisecond apart, and returns what the last gave.
func feed(d *decode.Decoder, packets ...[]byte) (p decode.Packet) {
	for i, data := range packets {
		d.Decode(&capture.Frame{Data: data, WireLen: len(data), LinkType: capture.LinkRaw, Time: int64(i) * 1e6}, &p)
	}
	return p
}

const more = 0x2000 // IPv4: more fragments

func TestReassembly(t *testing.T) {
	body := udp(53, bytes.Repeat([]byte("0123456789abcdef"), 200))
	a, b, c := body[:1480], body[1480:2960], body[2960:]
	first, second, third := fragment4(1, 17, 9, more, a), fragment4(1, 17, 9, more|1480/8, b), fragment4(1, 17, 9, 2960/8, c)
	six := func(offset, flag int, part []byte) []byte {
		return ipv6(1, 44, join([]byte{17, 0}, u16(offset|flag), u32(77), part))
	}
	for _, c := range []struct {
		name    string
		packets [][]byte
	}{
		{"in order", [][]byte{first, second, third}},
		{"backwards", [][]byte{third, second, first}},
		{"one shown twice", [][]byte{first, first, third, second}},
		{"IPv6", [][]byte{six(0, 1, a), six(2960, 0, c), six(1480, 1, b)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := decode.New(decode.Config{})
			p := feed(d, c.packets...)
			if !p.Reassembled || !bytes.Equal(p.Payload, body[8:]) || p.DstPort != 53 || p.Truncated {
				t.Fatalf("got reassembled %v, payload of %d", p.Reassembled, len(p.Payload))
			}
			if s := d.Stats(); s.Reassembled != 1 || s.LostFragment != 0 || s.Fragments != uint64(len(c.packets)) {
				t.Errorf("got stats %+v", s)
			}
			if p = feed(d, second); p.Reassembled || p.HasPorts { // nothing is left of the first
				t.Errorf("a new fragment was joined with old ones")
			}
		})
	}
}

func TestLaterFragmentsKnowTheirPorts(t *testing.T) {
	body := udp(53, make([]byte, 3000))
	d := decode.New(decode.Config{})
	first := feed(d, fragment4(1, 17, 9, more, body[:1000]))
	if !first.Fragment || !first.FirstFrag || !first.HasPorts || first.DstPort != 53 {
		t.Errorf("first: got %+v", first)
	}
	later := feed(d, fragment4(1, 17, 9, more|125, body[1000:2000]))
	if later.FirstFrag || !later.HasPorts || later.DstPort != 53 || later.Reassembled {
		t.Errorf("later: got %+v", later)
	}
	alone := feed(d, fragment4(2, 17, 9, more|125, body[1000:2000]))
	if alone.HasPorts {
		t.Errorf("without its first: got ports")
	}
}

func TestFragmentsOfATunnel(t *testing.T) {
	outer := ipv4(1, 47, join(u16(0), u16(0x0800), ipv4(7, 6, tcp("payload that is long enough"))))
	d := decode.New(decode.Config{})
	p := feed(d, fragment4(1, 47, 3, more, outer[20:44]), fragment4(1, 47, 3, 3, outer[44:]))
	if p.Src.String() != "10.0.7.1" || string(p.Payload) != "payload that is long enough" {
		t.Errorf("got %v, %q", p.Src, p.Payload)
	}
}

func TestHostileFragments(t *testing.T) {
	block := make([]byte, 64)
	for _, c := range []struct {
		name     string
		packets  [][]byte
		overlaps uint64
	}{
		{"overlap", [][]byte{fragment4(1, 17, 9, more, udp(53, block[:56])), fragment4(1, 17, 9, more|4, block), fragment4(1, 17, 9, 12, block)}, 1},
		{"two ends", [][]byte{fragment4(1, 17, 9, 8, block), fragment4(1, 17, 9, 20, block)}, 0},
		{"beyond the end", [][]byte{fragment4(1, 17, 9, 8, block), fragment4(1, 17, 9, more|40, block)}, 0},
		{"end within what is there", [][]byte{fragment4(1, 17, 9, more|8, block), fragment4(1, 17, 9, 0x4, block[:24]), fragment4(1, 17, 9, more, block[:32])}, 0},
		{"over 64 KiB", [][]byte{fragment4(1, 17, 9, 0x1fff, block)}, 0},
		{"odd length", [][]byte{fragment4(1, 17, 9, more, block[:63])}, 0},
		{"empty", [][]byte{fragment4(1, 17, 9, more, nil)}, 0},
	} {
		d := decode.New(decode.Config{})
		p := feed(d, c.packets...)
		if s := d.Stats(); p.Reassembled || s.Reassembled != 0 || s.LostFragment == 0 || s.Overlaps != c.overlaps {
			t.Errorf("%s: got %+v", c.name, s)
		}
	}
}

func TestFragmentCeilings(t *testing.T) {
	d := decode.New(decode.Config{FragmentBytes: 256 << 10, FragmentDatagrams: 50})
	block := make([]byte, 8192)
	for id := range 1000 {
		feed(d, fragment4(1, 17, id, more, block))
	}
	if s := d.Stats(); s.LostFragment < 900 || s.LostFragment > 1000 {
		t.Errorf("got %d fragments lost of 1000, 50 can be held", s.LostFragment)
	}
	p := feed(d, fragment4(1, 17, 2000, more, udp(53, make([]byte, 1000))), fragment4(1, 17, 2000, 126, block[:8]))
	if !p.Reassembled {
		t.Error("after a flood: a datagram was not put together")
	}
}

func TestFragmentTimeout(t *testing.T) {
	d := decode.New(decode.Config{FragmentTimeout: 1e6})
	feed(d, fragment4(1, 17, 9, more, udp(53, make([]byte, 992))), inside(), inside(), fragment4(1, 17, 8, more, make([]byte, 8)))
	if s := d.Stats(); s.LostFragment != 1 {
		t.Errorf("got %d lost, want 1", s.LostFragment)
	}
}
