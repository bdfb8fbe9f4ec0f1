package capture

import (
	"fmt"

	"github.com/wardscope/wardscope/internal/model"
)

// Frame is one captured frame. Data is valid until the next call of the source's Next.
type Frame struct {
	Time      int64 // Unix nanoseconds
	Data      []byte
	WireLen   int // octets on the wire, at least len(Data)
	LinkType  LinkType
	Domain    model.DomainID
	Interface int    // which of the source's interfaces, from 0
	VLANTag   uint16 // tag control information that the network card took off; valid iff Tagged
	TPID      uint16 // its EtherType, 0x8100 or 0x88a8; valid iff Tagged
	Tagged    bool
}

// Source yields frames.
type Source interface {
	// Next fills f, or returns io.EOF at the end. ErrTimeout means "nothing came lately, call again".
	Next(f *Frame) error
	// Stats returns the counters since the source was opened.
	Stats() Stats
	Close() error
}

// Grouper is a Source that can tell whether the next frame lies beside the last ones, so that a
// caller can look at several frames at once.
type Grouper interface {
	Source
	// Beside reports that Next would return a frame at once and leave the frames since the last time
	// that Beside was false as they are.
	Beside() bool
}

// Stats are a source's counters since it was opened.
type Stats struct {
	Frames         uint64
	Octets         uint64 // captured
	KernelDrops    uint64 // the ring was full
	Freezes        uint64 // times that the ring filled up
	InterfaceDrops uint64 // the network card or its driver had no room
	SoftnetDrops   uint64 // the kernel's receive queue had no room
	Group          uint64 // frames to broadcast and multicast addresses; counted by package valve, of live sources
}

// Lost is the sum of all drops.
func (s Stats) Lost() uint64 { return s.KernelDrops + s.InterfaceDrops + s.SoftnetDrops }

type timeoutError struct{}

func (timeoutError) Error() string { return "no frame within the poll interval" }

// ErrTimeout is returned by a live source's Next when no frame came for a while, so that the
// caller can look at the clock. It is not a fault.
var ErrTimeout error = timeoutError{}

// LinkType says how Data begins: a LINKTYPE_ number of the tcpdump registry
// (https://www.tcpdump.org/linktypes.html).
type LinkType uint16

// The link types that package decode reads.
const (
	LinkNull      LinkType = 0
	LinkEthernet  LinkType = 1
	LinkPPP       LinkType = 9
	LinkRawBSD    LinkType = 12 // DLT_RAW of most systems
	LinkRawOpen   LinkType = 14 // DLT_RAW of OpenBSD
	LinkPPPHDLC   LinkType = 50
	LinkPPPoE     LinkType = 51
	LinkRaw       LinkType = 101
	LinkCiscoHDLC LinkType = 104
	LinkWiFi      LinkType = 105
	LinkLoop      LinkType = 108
	LinkSLL       LinkType = 113
	LinkRadiotap  LinkType = 127
	LinkIPv4      LinkType = 228
	LinkIPv6      LinkType = 229
	LinkNFLOG     LinkType = 239
	LinkSLL2      LinkType = 276
)

var linkNames = map[LinkType]string{
	LinkNull: "null", LinkEthernet: "ethernet", LinkPPP: "ppp", LinkRawBSD: "raw", LinkRawOpen: "raw", LinkPPPHDLC: "ppp-hdlc",
	LinkPPPoE: "pppoe", LinkRaw: "raw", LinkCiscoHDLC: "cisco-hdlc", LinkWiFi: "802.11", LinkLoop: "loop", LinkSLL: "linux-sll",
	LinkRadiotap: "radiotap", LinkIPv4: "ipv4", LinkIPv6: "ipv6", LinkNFLOG: "nflog", LinkSLL2: "linux-sll2",
}

// Supported reports whether package decode can read frames of this type.
func (t LinkType) Supported() bool { _, ok := linkNames[t]; return ok }

// String is the registry's short name, or the number.
func (t LinkType) String() string {
	if n, ok := linkNames[t]; ok {
		return n
	}
	return fmt.Sprintf("%d", uint16(t))
}
