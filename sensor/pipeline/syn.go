package pipeline

import (
	"strconv"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/decode"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

// syns keeps the last openings of TCP connections until data follows: a flood of bare SYNs from invented
// addresses tells nothing, and at most overwrites what waits here. Who invents data too is believed.
type syns struct {
	wait [1 << synBits]opening
	told lately
}

const (
	synBits    = 10
	mostOption = 40 // bytes: RFC 9293, section 3.1
)

// opening is what a SYN shows of the stack that sent it.
type opening struct {
	src, dst         model.Addr
	srcPort, dstPort uint16
	mac              model.MAC
	domain           model.DomainID
	vlan             uint16
	time             int64
	window           uint16
	ttl, flags, n    uint8
	dontFrag, id     bool
	options          [mostOption]byte
}

func synSlot(src, dst model.Addr, srcPort, dstPort uint16) int {
	h := (src.Lo ^ src.Hi ^ dst.Lo*0x9e3779b97f4a7c15 ^ dst.Hi ^ uint64(srcPort)<<16 ^ uint64(dstPort)) * 0xff51afd7ed558ccd
	return int(h >> (64 - synBits))
}

// keep remembers a SYN.
func (s *syns) keep(p *decode.Packet) {
	if p.IPOptions || p.Fragment || p.Truncated || p.TTL == 0 || len(p.TCPOptions) > mostOption {
		return
	}
	o := &s.wait[synSlot(p.Src, p.Dst, p.SrcPort, p.DstPort)]
	*o = opening{src: p.Src, dst: p.Dst, srcPort: p.SrcPort, dstPort: p.DstPort, mac: p.SrcMAC, domain: p.Domain, vlan: p.VLAN(), time: p.Time,
		window: p.Window, ttl: p.TTL, flags: p.TCPFlags, n: uint8(len(p.TCPOptions)), dontFrag: p.DontFrag, id: p.IPID != 0}
	copy(o.options[:], p.TCPOptions)
}

// claim is what the SYN of a conversation says of its initiator, once for the same signature.
func (s *syns) claim(initiator, responder model.Endpoint) (model.Observation, bool) {
	o := &s.wait[synSlot(initiator.Addr, responder.Addr, initiator.Port, responder.Port)]
	if o.ttl == 0 || o.src != initiator.Addr || o.dst != responder.Addr || o.srcPort != initiator.Port || o.dstPort != responder.Port {
		return model.Observation{}, false
	}
	var room [96]byte
	text := o.signature(room[:0])
	key := o.src.Hi ^ o.src.Lo*0x9e3779b97f4a7c15 ^ uint64(o.mac)<<8 ^ uint64(o.domain)<<56
	for _, c := range text {
		key = (key ^ uint64(c)) * 0x100000001b3
	}
	key *= 0xff51afd7ed558ccd
	o.ttl = 0
	if !s.told.news(key) {
		return model.Observation{}, false
	}
	return model.Observation{
		Subject: model.Subject{Addr: o.src, MAC: o.mac}, Domain: o.domain, VLAN: o.vlan, Kind: model.KindStack,
		Value: wire.String(text), Source: "tcp.syn", First: o.time, Last: o.time,
	}, true
}

// signature writes version:start TTL:options of IP:MSS:window,scale:order of options:oddities:payload, the syntax that
// p0f 3 has made usual. Nothing in it differs between two connections of one stack to like peers, but window and MSS,
// which follow the path.
func (o *opening) signature(b []byte) []byte {
	v4 := o.src.Is4()
	b = append(b, '6', ':')
	if v4 {
		b[0] = '4'
	}
	b = strconv.AppendUint(b, uint64(start(o.ttl)), 10)
	var room [4 * mostOption]byte
	mss, scale, order := -1, -1, room[:0]
	for rest := o.options[:o.n]; len(rest) > 0; {
		if len(order) > 0 {
			order = append(order, ',')
		}
		kind, size := rest[0], 1
		if kind > 1 {
			if len(rest) < 2 || int(rest[1]) < 2 || int(rest[1]) > len(rest) {
				order = append(order, '!')
				break
			}
			size = int(rest[1])
		}
		switch {
		case kind == 0:
			order = strconv.AppendInt(append(order, "eol+"...), int64(len(rest)-1), 10)
			size = len(rest)
		case kind == 1:
			order = append(order, "nop"...)
		case kind == 2 && size == 4:
			order, mss = append(order, "mss"...), int(rest[2])<<8|int(rest[3])
		case kind == 3 && size == 3:
			order, scale = append(order, "ws"...), int(rest[2])
		case kind == 4 && size == 2:
			order = append(order, "sok"...)
		case kind == 8 && size == 10:
			order = append(order, "ts"...)
		default:
			order = strconv.AppendUint(append(order, '?'), uint64(kind), 10)
		}
		rest = rest[size:]
	}
	b = number(append(b, ":0:"...), mss)
	b = strconv.AppendUint(append(b, ':'), uint64(o.window), 10)
	b = number(append(b, ','), scale)
	b = append(append(append(b, ':'), order...), ':')
	switch {
	case v4 && o.dontFrag && o.id:
		b = append(b, "df,id+"...)
	case v4 && o.dontFrag:
		b = append(b, "df"...)
	case v4 && !o.id:
		b = append(b, "id-"...)
	}
	if o.flags&(decode.ECE|decode.CWR) != 0 {
		if b[len(b)-1] != ':' {
			b = append(b, ',')
		}
		b = append(b, "ecn"...)
	}
	return append(b, ":0"...)
}

// number writes what an option carries, or that it is absent.
func number(b []byte, n int) []byte {
	if n < 0 {
		return append(b, '*')
	}
	return strconv.AppendInt(b, int64(n), 10)
}

// start is the time to live that a packet most likely began with.
func start(ttl uint8) uint8 {
	switch {
	case ttl <= 32:
		return 32
	case ttl <= 64:
		return 64
	case ttl <= 128:
		return 128
	}
	return 255
}
