package pipeline

import (
	"testing"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/decode"
)

func TestSignature(t *testing.T) {
	a, b := model.Addr{Lo: 0xffff_c000_0201}, model.Addr{Lo: 0xffff_c000_0202}
	for _, c := range []struct {
		p    decode.Packet
		want string
	}{
		{decode.Packet{TTL: 127, Window: 64240, DontFrag: true, IPID: 7, TCPOptions: []byte{2, 4, 5, 180, 1, 3, 3, 8, 1, 1, 4, 2}}, "4:128:0:1460:64240,8:mss,nop,ws,nop,nop,sok:df,id+:0"},
		{decode.Packet{TTL: 255, Window: 4096, IPID: 1}, "4:255:0:*:4096,*:::0"},
		{decode.Packet{TTL: 60, TCPFlags: decode.ECE | decode.CWR, TCPOptions: []byte{2, 4, 2, 0, 0, 0}}, "4:64:0:512:0,*:mss,eol+1:id-,ecn:0"},
		{decode.Packet{TTL: 20, DontFrag: true, TCPOptions: []byte{30, 3, 1, 8, 99}}, "4:32:0:*:0,*:?30,!:df:0"},
	} {
		p := c.p
		p.Src, p.Dst, p.SrcPort, p.DstPort, p.TCPFlags, p.Protocol = a, b, 40000, 102, p.TCPFlags|decode.SYN, 6
		var s syns
		s.keep(&p)
		i, r := model.Endpoint{Addr: a, Port: 40000}, model.Endpoint{Addr: b, Port: 102}
		if _, ok := s.claim(r, i); ok {
			t.Error("the responder is told by the initiator's opening")
		}
		o, ok := s.claim(i, r)
		if !ok || o.Value != c.want || o.Subject.Addr != a {
			t.Errorf("%v %q of %v, want %q", ok, o.Value, o.Subject.Addr, c.want)
		}
		if _, ok := s.claim(i, r); ok {
			t.Error("told twice")
		}
		s.keep(&p)
		if n := testing.AllocsPerRun(100, func() { s.keep(&p); s.claim(i, r) }); n != 0 {
			t.Errorf("%v allocations for a signature that is known", n)
		}
	}
}
