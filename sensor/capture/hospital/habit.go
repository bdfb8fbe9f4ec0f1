package hospital

import (
	"time"

	"github.com/wardscope/wardscope/sensor/capture/hospital/wire"
)

// habit is something that a pair of devices does again and again.
type habit struct {
	service        string // of the service table
	transport      wire.Transport
	client, server *device
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
	health *health
	site   *hospital
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

func (p *plan) tcp(service string, client, server *device, port uint16, every time.Duration, write func(s *wire.Script, c occasion)) {
	p.add(habit{service: service, transport: wire.TCP, client: client, server: server, port: port, every: every, write: write})
}

func (p *plan) udp(service string, client, server *device, port uint16, every time.Duration, write func(s *wire.Script, c occasion)) {
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
func (p *health) view(t *hospital, d, peer *device, oneWay time.Duration) wire.Side {
	side := wire.Side{IP: d.ip, Stack: wire.Linux}
	if d.system != nil {
		side.Stack = d.system.stack
	}
	local := d.site == t.ID && !d.external && !d.group
	switch {
	case d.group:
		side.MAC = d.mac
		return side
	case local:
		side.MAC, side.VLAN = d.mac, d.vlan
	default:
		side.MAC, side.Delay, side.Hops = t.edge, int64(oneWay), 3
		if t.Tagged {
			side.VLAN = 100 + segmentTransit
		}
		if d.external {
			side.Hops = 8 + d.ip[3]%7
		}
	}
	side.Next = t.core
	if peer.group {
		side.Next = peer.mac
	} else if local && peer.site == t.ID && sameNetwork(d, peer) {
		side.Next = peer.mac
	}
	return side
}

func sameNetwork(a, b *device) bool {
	return a.ip[0] == b.ip[0] && a.ip[1] == b.ip[1] && a.ip[2] == b.ip[2]
}

// oneWay is the transit time between two devices.
func oneWay(a, b *device) time.Duration {
	switch {
	case a.external || b.external:
		ip := b.ip
		if a.external {
			ip = a.ip
		}
		return 6*time.Millisecond + time.Duration(ip[1])*400*time.Microsecond
	case a.site != b.site && !b.group:
		return 2 * time.Millisecond
	}
	return 40 * time.Microsecond
}
