package wire

// MAC is an Ethernet address.
type MAC [6]byte

// IP is an IPv4 address.
type IP [4]byte

// Broadcast is the Ethernet broadcast address; BroadcastIP the limited broadcast.
var (
	Broadcast   = MAC{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
	BroadcastIP = IP{255, 255, 255, 255}
)

// MulticastMAC is the Ethernet address of an IPv4 multicast group (RFC 1112, section 6.4).
func MulticastMAC(g IP) MAC { return MAC{1, 0, 0x5e, g[1] & 0x7f, g[2], g[3]} }

// Stack is the header habit of an operating system: what its first packets look like.
type Stack struct {
	TTL       uint8
	Window    uint16
	Scale     uint8 // window scale; valid iff Scaling
	Scaling   bool
	Sack      bool
	Timestamp bool
	Unix      bool // option order of Unix systems: SACK and timestamp before the scale
	MSS       uint16
}

// The stacks that are played, after the public tables of SYN signatures.
var (
	Windows10  = &Stack{TTL: 128, Window: 64240, Scale: 8, Scaling: true, Sack: true, MSS: 1460}
	Windows7   = &Stack{TTL: 128, Window: 8192, Scale: 8, Scaling: true, Sack: true, MSS: 1460}
	WindowsXP  = &Stack{TTL: 128, Window: 65535, Sack: true, MSS: 1460}
	Linux      = &Stack{TTL: 64, Window: 64240, Scale: 7, Scaling: true, Sack: true, Timestamp: true, Unix: true, MSS: 1460}
	LinuxOld   = &Stack{TTL: 64, Window: 14600, Scale: 4, Scaling: true, Sack: true, Timestamp: true, Unix: true, MSS: 1460}
	Apple      = &Stack{TTL: 64, Window: 65535, Scale: 6, Scaling: true, Sack: true, Timestamp: true, MSS: 1460}
	VxWorks    = &Stack{TTL: 64, Window: 8192, MSS: 1460}
	Embedded   = &Stack{TTL: 255, Window: 2144, MSS: 536}
	RouterOnly = &Stack{TTL: 255, Window: 4128, MSS: 1460}
)

// synOptions writes the options of a SYN or SYN-ACK. peer is nil for a SYN; a SYN-ACK carries
// only what the SYN offered.
func (k *Stack) synOptions(b []byte, peer *Stack, tsval, tsecr uint32) []byte {
	scaling := k.Scaling && (peer == nil || peer.Scaling)
	sack := k.Sack && (peer == nil || peer.Sack)
	stamp := k.Timestamp && (peer == nil || peer.Timestamp)
	b = append(b, 2, 4, byte(k.MSS>>8), byte(k.MSS))
	if k.Unix {
		switch {
		case sack && stamp:
			b = append(b, 4, 2)
		case sack:
			b = append(b, 1, 1, 4, 2)
		case stamp:
			b = append(b, 1, 1)
		}
		if stamp {
			b = appendStamp(b, tsval, tsecr)
		}
		if scaling {
			b = append(b, 1, 3, 3, k.Scale)
		}
		return b
	}
	if scaling {
		b = append(b, 1, 3, 3, k.Scale)
	}
	if stamp {
		b = append(b, 1, 1)
		b = appendStamp(b, tsval, tsecr)
		if sack {
			b = append(b, 4, 2, 0, 0)
		}
		return b
	}
	if sack {
		b = append(b, 1, 1, 4, 2)
	}
	return b
}

func appendStamp(b []byte, tsval, tsecr uint32) []byte {
	return append(b, 8, 10, byte(tsval>>24), byte(tsval>>16), byte(tsval>>8), byte(tsval),
		byte(tsecr>>24), byte(tsecr>>16), byte(tsecr>>8), byte(tsecr))
}
