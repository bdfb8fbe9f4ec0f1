package rdp

import "github.com/wardscope/wardscope/sensor/dissect"

const (
	flagSYN        = 0x0001 // [MS-RDPEUDP], section 2.2.2.1
	synPadded      = 1132   // bytes at least (section 3.1.5.1.1)
	maxUDPPackets  = 24
	noAcknowledged = "\xff\xff\xff\xff"
	maxHeaders     = 40 // bytes before the data, in versions 1 to 3
)

type datagrams struct{}

// NewUDP returns the UDP transport: it says little itself, but carries the hellos of TLS.
func NewUDP() dissect.Protocol { return datagrams{} }

func (datagrams) Info() dissect.Info {
	return dissect.Info{Name: "rdp-udp", Transport: dissect.UDP, Ports: []uint16{3389}}
}

// Probe wants the padded first datagram, or, on RDP's port, a hello of TLS.
func (datagrams) Probe(f *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	if len(data) < 16 {
		return dissect.NotMine
	}
	if flags := uint16(data[6])<<8 | uint16(data[7]); flags&flagSYN != 0 && string(data[:4]) == noAcknowledged && len(data) >= synPadded {
		return dissect.Mine
	}
	if f.Responder.Port != 3389 && f.Initiator.Port != 3389 {
		return dissect.NotMine
	}
	if hello(data) != nil {
		return dissect.Mine
	}
	return dissect.More
}

// hello finds the record of TLS that begins a session, behind headers that differ by version; nil
// when there is none. Its own lengths have to fit.
func hello(data []byte) []byte {
	for i := 8; i < maxHeaders && i+9 < len(data); i++ {
		b := data[i:]
		if b[0] != 22 || b[1] != 3 || b[2] > 3 || b[5] != 1 && b[5] != 2 || b[6] != 0 {
			continue
		}
		if n := 5 + int(b[3])<<8 + int(b[4]); n <= len(b) && int(b[7])<<8+int(b[8])+9 <= n {
			return b[:n]
		}
	}
	return nil
}

func (datagrams) New() dissect.Dissector { return &transport{} }

type transport struct {
	packets int
	hello   [2]bool
}

func (s *transport) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	e.Service("rdp")
	if b := hello(data); b != nil && !s.hello[dir] {
		s.hello[dir] = true
		e.Inner("tls", dir, b)
	}
	if s.packets++; s.packets > maxUDPPackets {
		return len(data), dissect.Done
	}
	return len(data), dissect.More
}
