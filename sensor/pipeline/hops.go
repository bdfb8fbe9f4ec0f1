package pipeline

import (
	"strconv"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/decode"
)

// hops tells with which time to live an address sends behind a link address: a host on its own
// segment sends with its system's start value, one behind a router with less. It speaks of
// packets with payload only, so a flood of SYNs from invented addresses tells nothing.
type hops struct{ told lately }

// lately remembers claims by their keys: the last one by slot; another one in the slot is told again, and
// deduplicated later.
type lately [1 << latelyBits]uint64

const latelyBits = 14

// times are the values that a time to live has, as text.
var times = func() (all [256]string) {
	for i := range all {
		all[i] = strconv.Itoa(i)
	}
	return all
}()

// hopKey names what a packet tells.
func hopKey(p *decode.Packet) uint64 {
	return (p.Src.Hi ^ p.Src.Lo*0x9e3779b97f4a7c15 ^ uint64(p.SrcMAC)<<8 ^ uint64(p.TTL) ^ uint64(p.Domain)<<56) * 0xff51afd7ed558ccd
}

// news reports whether a claim was not told lately.
func (l *lately) news(key uint64) bool {
	slot := &l[key>>(64-latelyBits)]
	if *slot == key {
		return false
	}
	*slot = key
	return true
}

// claim is what the packet says of its sender.
func (h *hops) claim(p *decode.Packet) model.Observation {
	return model.Observation{
		Subject: model.Subject{Addr: p.Src, MAC: p.SrcMAC}, Domain: p.Domain, VLAN: p.VLAN(), Kind: model.KindStack,
		Value: times[p.TTL], Source: "ip.ttl", First: p.Time, Last: p.Time,
	}
}
