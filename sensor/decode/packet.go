package decode

import "github.com/wardscope/wardscope/internal/model"

// Packet is the view of one frame after its encapsulations were taken off: the innermost IP
// packet, or the link-layer payload when there is none. It aliases the frame's bytes and is
// valid until the next Decode with the same Packet.
type Packet struct {
	Time    int64 // Unix nanoseconds
	Domain  model.DomainID
	WireLen int // octets on the wire, link header included
	CapLen  int // octets captured

	Interface int // of the source, from 0: a mirror may show a packet on two of them

	SrcMAC, DstMAC model.MAC // 0 iff the link has none
	VLANs          [4]uint16 // 802.1Q ids, outermost first
	VLANCount      uint8
	EtherType      uint16 // of the innermost frame; for LLC frames 0, with Payload at the LLC header
	Encap          model.Encap
	OuterSrc       model.Addr // outermost tunnel source; valid iff a tunnel was taken off
	OuterDst       model.Addr

	// IP says whether the fields below are set.
	IP          bool
	Src, Dst    model.Addr
	Protocol    uint8  // innermost, after extension headers
	TTL         uint8  // or hop limit
	IPOctets    uint32 // total length of the innermost IP packet by its header
	IPID        uint16 // IPv4 identification
	DontFrag    bool
	IPOptions   bool // IPv4 options or IPv6 extension headers were present
	Fragment    bool // part of a fragmented packet; HasPorts iff its first fragment was seen. Payload is a datagram's iff Reassembled
	FirstFrag   bool
	Reassembled bool

	SrcPort, DstPort uint16 // TCP, UDP, SCTP; ICMP: type and code
	HasPorts         bool

	Seq, Ack   uint32 // valid iff Protocol is TCP and HasPorts
	Window     uint16
	TCPFlags   uint8
	TCPOptions []byte

	// Payload is what follows the transport header (or the link header, iff !IP), cut to the
	// captured bytes; PayloadLen is its length by the headers.
	Payload    []byte
	PayloadLen int
	Truncated  bool // captured bytes end before the packet does
	Undecoded  bool // a header could not be read; what stands above it is valid

	Checksum uint16 // of the transport header as sent; tells a packet seen twice from one sent twice
}

// TCP flags as they stand in the header (RFC 9293, section 3.1).
const (
	FIN = 1 << iota
	SYN
	RST
	PSH
	ACK
	URG
	ECE
	CWR
)

// VLAN is the outermost VLAN id, 0 iff untagged.
func (p *Packet) VLAN() uint16 {
	if p.VLANCount == 0 {
		return 0
	}
	return p.VLANs[0]
}
