package observe

import (
	"fmt"
	"net/netip"

	"github.com/wardscope/wardscope/internal/model"
)

// Mode says what may be reported of a network.
type Mode string

// The modes. Counts keeps packets and octets in the statistics but reports no flow, claim or
// finding; None takes the packets out before anything is made of them.
const (
	Full   Mode = "full"
	Counts Mode = "counts"
	None   Mode = "none"
)

// Network marks a network as personal: guests, patients, staff's own devices. The criteria that
// are set must all hold. Of several that match, the first decides, so an exception with Full
// goes before the network it is cut out of.
type Network struct {
	Prefix netip.Prefix // invalid = any
	VLAN   uint16       // 0 = any
	Domain model.DomainID
	Mode   Mode
}

// Name is how losses speak of the network.
func (n Network) Name() string {
	switch {
	case n.Prefix.IsValid():
		return n.Prefix.String()
	case n.VLAN != 0:
		return fmt.Sprintf("vlan %d", n.VLAN)
	}
	return fmt.Sprintf("domain %d", n.Domain)
}

func (n *Network) holds(a model.Addr, vlan uint16, domain model.DomainID) bool {
	if n.VLAN != 0 && n.VLAN != vlan || n.Domain != 0 && n.Domain != domain {
		return false
	}
	return !n.Prefix.IsValid() || !a.IsZero() && n.Prefix.Contains(a.Netip())
}

// private judges and counts. The last index that matched is kept for leaveOut.
type private struct {
	networks []Network
	left     []model.Loss
	last     int
}

func newPrivate(networks []Network) private {
	return private{networks: networks, left: make([]model.Loss, len(networks))}
}

func (p *private) match(a model.Addr, vlan uint16, domain model.DomainID) bool {
	for i := range p.networks {
		if p.networks[i].holds(a, vlan, domain) {
			p.last = i
			return p.networks[i].Mode != Full
		}
	}
	return false
}

func (p *private) subject(s *model.Subject, vlan uint16, domain model.DomainID) bool {
	return len(p.networks) > 0 && p.match(s.Addr, vlan, domain)
}

func (p *private) flow(f *model.Flow) bool {
	return len(p.networks) > 0 && (p.match(f.Initiator.Addr, f.VLAN, f.Domain) || p.match(f.Responder.Addr, f.VLAN, f.Domain))
}

func (p *private) leaveOut(at int64, packets, events uint64) {
	l := &p.left[p.last]
	if l.Events == 0 && l.Packets == 0 || at < l.First {
		l.First = at
	}
	l.Last = max(l.Last, at)
	l.Packets += packets
	l.Events += events
}

// add takes over what another one left out.
func (p *private) add(o *private) {
	for i, l := range o.left {
		if l.Events == 0 && l.Packets == 0 {
			continue
		}
		if m := &p.left[i]; m.Events == 0 && m.Packets == 0 {
			*m = l
		} else {
			m.First, m.Last = min(m.First, l.First), max(m.Last, l.Last)
			m.Packets, m.Events = m.Packets+l.Packets, m.Events+l.Events
		}
		o.left[i] = model.Loss{}
	}
}

// losses hands out what was left out since the last call. It names the network, nobody in it.
func (p *private) losses() []model.Loss {
	var out []model.Loss
	for i := range p.left {
		l := p.left[i]
		if l.Events == 0 && l.Packets == 0 {
			continue
		}
		l.Place, l.Reason = model.PlacePrivacy, "personal network "+p.networks[i].Name()+" ("+string(p.networks[i].Mode)+")"
		l.Domain = p.networks[i].Domain
		out = append(out, l)
		p.left[i] = model.Loss{}
	}
	return out
}

// Excludes reports whether a packet must not even be counted, and counts it as left out.
func (c *Collector) Excludes(src, dst model.Addr, vlan uint16, domain model.DomainID, at int64) bool {
	if len(c.private.networks) == 0 {
		return false
	}
	if c.private.match(src, vlan, domain) && c.private.networks[c.private.last].Mode == None ||
		c.private.match(dst, vlan, domain) && c.private.networks[c.private.last].Mode == None {
		c.private.leaveOut(at, 1, 0)
		return true
	}
	return false
}
