package hospital

import (
	"time"

	"github.com/wardscope/wardscope/sensor/capture/hospital/fleet"
	"github.com/wardscope/wardscope/sensor/capture/hospital/wire"
)

// habit is something that a pair of devices does again and again.
type habit struct {
	service        string // of the service table
	transport      wire.Transport
	client, server *fleet.Device
	clientPort     uint16 // 0 for a new ephemeral one each time
	port           uint16
	first          time.Duration // latest start of the first session; 0 means within Every
	every          time.Duration // mean time between starts; 0 means once
	ending         wire.Ending
	write          func(s *wire.Script, c occasion)
	// relay marks frames of the server that come by way of the core switch (DHCP relay).
	relay bool
	key   uint64
}

// occasion is what a script may depend on beside its habit.
type occasion struct {
	round int
	at    int64         // Unix nanoseconds
	left  time.Duration // until the scenario ends
}

// fill is how many repetitions, every apart, fit into the time left.
func (c occasion) fill(every time.Duration) int { return max(1, int(c.left/every)) }

// plan collects habits.
type plan struct {
	health *fleet.Health
	site   *fleet.Hospital
	habits []*habit
	truth  *truthBuilder
}

// add keeps a habit if both ends exist. Its key depends on its place in the whole system's
// plan, so that each site's generator draws the same random numbers for it.
func (p *plan) add(h habit) {
	if h.client == nil || h.server == nil {
		return
	}
	h.key = wire.Key(h.service) ^ uint64(len(p.habits))<<32
	p.habits = append(p.habits, &h)
}

func (p *plan) tcp(service string, client, server *fleet.Device, port uint16, every time.Duration, write func(s *wire.Script, c occasion)) {
	p.add(habit{service: service, transport: wire.TCP, client: client, server: server, port: port, every: every, write: write})
}

func (p *plan) udp(service string, client, server *fleet.Device, port uint16, every time.Duration, write func(s *wire.Script, c occasion)) {
	p.add(habit{service: service, transport: wire.UDP, client: client, server: server, port: port, every: every, write: write})
}

// always adds a conversation that starts soon after the capture and lasts to its end.
func (p *plan) always(h habit) {
	h.first, h.every = 90*time.Second, 0
	if h.transport == wire.TCP {
		h.ending = wire.Open
	}
	p.add(h)
}

// view is one side of a session as the sensor of site sees it. Frames are mirrored where they
// enter the site's network: a device's own frames carry its own address and full TTL, those
// from elsewhere the edge router's address.
func view(t *fleet.Hospital, d, peer *fleet.Device, oneWay time.Duration) wire.Side {
	side := wire.Side{IP: d.IP, Stack: wire.Linux}
	if d.System != nil {
		side.Stack = d.System.Stack
	}
	local := d.Site == t.ID && !d.External && !d.Group
	switch {
	case d.Group:
		side.MAC = d.MAC
		return side
	case local:
		side.MAC, side.VLAN = d.MAC, d.VLAN
	default:
		side.MAC, side.Delay, side.Hops = t.Edge, int64(oneWay), 3
		if t.Tagged {
			side.VLAN = 100 + fleet.SegmentTransit
		}
		if d.External {
			side.Hops = 8 + d.IP[3]%7
		}
	}
	side.Next = t.Core
	if peer.Group {
		side.Next = peer.MAC
	} else if local && peer.Site == t.ID && sameNetwork(d, peer) {
		side.Next = peer.MAC
	}
	return side
}

func sameNetwork(a, b *fleet.Device) bool {
	return a.IP[0] == b.IP[0] && a.IP[1] == b.IP[1] && a.IP[2] == b.IP[2]
}

// oneWay is the transit time between two devices.
func oneWay(a, b *fleet.Device) time.Duration {
	switch {
	case a.External || b.External:
		ip := b.IP
		if a.External {
			ip = a.IP
		}
		return 6*time.Millisecond + time.Duration(ip[1])*400*time.Microsecond
	case a.Site != b.Site && !b.Group:
		return 2 * time.Millisecond
	}
	return 40 * time.Microsecond
}
