package communityid

import (
	"crypto/sha1"
	"encoding/base64"

	"github.com/wardscope/wardscope/internal/model"
)

// ICMP types that answer each other (Community ID v1 specification, "ICMP"): type → counterpart.
var icmpPairs = [2]map[uint16]uint16{
	{8: 0, 0: 8, 13: 14, 14: 13, 15: 16, 16: 15, 10: 9, 9: 10, 17: 18, 18: 17},
	{128: 129, 129: 128, 133: 134, 134: 133, 135: 136, 136: 135, 130: 131, 131: 130, 144: 145, 145: 144, 139: 140, 140: 139},
}

// IANA protocol numbers whose flows have ports.
const (
	icmpV4 = 1
	tcp    = 6
	udp    = 17
	icmpV6 = 58
	sctp   = 132
)

var icmpCounterpart = func() (tables [2][256]int16) {
	for v, pairs := range icmpPairs {
		for i := range tables[v] {
			tables[v][i] = -1
		}
		for from, to := range pairs {
			tables[v][from] = int16(to)
		}
	}
	return tables
}()

// Ports maps an ICMP type and code to the ports that name the flow, as Community ID v1 does:
// the type and its counterpart where there is one, else type and code, and the flow is one-way.
func Ports(protocol uint8, kind, code uint16) (src, dst uint16, oneWay bool) {
	version := 0
	if protocol == icmpV6 {
		version = 1
	}
	if to := icmpCounterpart[version][kind&0xff]; to >= 0 {
		return kind, uint16(to), false
	}
	return kind, code, true
}

// Of is the Community ID v1 with seed 0 of a flow from src to dst
// (github.com/corelight/community-id-spec). For ICMP the ports are type and code, or already the
// pair of types; both give the same.
func Of(protocol uint8, src, dst model.Addr, srcPort, dstPort uint16) string {
	var room [size]byte
	return string(Append(room[:0], protocol, src, dst, srcPort, dstPort))
}

const size = 2 + 28 // version and colon, base64 of 20 octets

// Append is Of, behind b. It allocates only what b lacks of room.
func Append(b []byte, protocol uint8, src, dst model.Addr, srcPort, dstPort uint16) []byte {
	oneWay := false
	ports := false
	switch protocol {
	case icmpV4, icmpV6:
		srcPort, dstPort, oneWay = Ports(protocol, srcPort, dstPort)
		ports = true
	case tcp, udp, sctp:
		ports = true
	}
	if !oneWay && (dst.Less(src) || dst == src && dstPort < srcPort) {
		src, dst, srcPort, dstPort = dst, src, dstPort, srcPort
	}
	var in [2 + 16 + 16 + 2 + 4]byte
	n := 2 // the seed, 0
	for _, a := range [2]model.Addr{src, dst} {
		raw := a.As16()
		from := 0
		if src.Is4() && dst.Is4() {
			from = 12
		}
		n += copy(in[n:], raw[from:])
	}
	in[n] = protocol
	n += 2 // and one octet of padding
	if ports {
		in[n], in[n+1], in[n+2], in[n+3] = byte(srcPort>>8), byte(srcPort), byte(dstPort>>8), byte(dstPort)
		n += 4
	}
	sum := sha1.Sum(in[:n])
	return base64.StdEncoding.AppendEncode(append(b, "1:"...), sum[:])
}
