package exposure

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/wardscope/wardscope/hub/exposure/geo"
	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/internal/service"
)

// Peer is an address outside every declared network that something of ours talked with.
type Peer struct {
	Subject     Subject // ours
	Addr        model.Addr
	Name        string // that the device asked for
	Names       []string
	Place       geo.Place
	Service     string
	Port        uint16
	Protocol    uint8
	Inbound     bool // the external end opened the conversation
	Answered    bool // the responder sent anything
	OctetsOut   uint64
	OctetsIn    uint64
	Flows       uint64
	First, Last time.Time
	Encrypted   bool // all of it
	Sites       []model.SiteID
	Vantages    []string
}

// peers lists external peers by device: what comes in first, then by whose device it is, medical
// ones first, then by size: ten thousand workstations must not hide one pump. What passes
// between two external addresses is nobody's of ours, and neither is multicast.
func peers(in *Input) []Peer {
	var found []*Peer
	for i := range in.External {
		e := &in.External[i]
		p := Peer{Service: e.Service, Port: e.Port, Protocol: e.Protocol, Flows: e.Flows, First: e.First, Last: e.Last, Names: e.ServerNames,
			Encrypted: e.Flows > 0 && e.EncryptedFlows == e.Flows, Sites: e.Sites, Vantages: e.Vantages, Answered: e.ResponderPackets > 0}
		at := e.First.UnixNano()/2 + e.Last.UnixNano()/2
		site := model.SiteID("")
		if len(e.Sites) > 0 {
			site = e.Sites[0]
		}
		from, to := subject(in, e.Realm, e.Initiator, 0, site, at), subject(in, e.Realm, e.Responder, 0, site, at)
		switch {
		case e.ResponderExternal && to.Device == nil && (!e.InitiatorExternal || from.Device != nil):
			p.Subject, p.Addr, p.OctetsOut, p.OctetsIn = from, e.Responder, e.InitiatorOctets, e.ResponderOctets
		case e.InitiatorExternal && from.Device == nil && (!e.ResponderExternal || to.Device != nil):
			p.Subject, p.Addr, p.OctetsOut, p.OctetsIn, p.Inbound = to, e.Initiator, e.ResponderOctets, e.InitiatorOctets, true
		default:
			continue
		}
		if p.Subject.Addr.IsMulticast() || in.Sites.Class(p.Subject.Addr) == inventory.Partner {
			continue
		}
		if len(p.Names) > 0 && !p.Inbound {
			p.Name = p.Names[0]
		}
		p.Place = in.Geo.Lookup(p.Addr)
		found = append(found, &p)
	}
	slices.SortStableFunc(found, func(a, b *Peer) int {
		if c := cmp.Or(cmp.Compare(a.rank(), b.rank()), cmp.Compare(b.OctetsOut+b.OctetsIn, a.OctetsOut+a.OctetsIn)); c != 0 {
			return c // nearly always: the addresses are not looked at
		}
		return a.Addr.Netip().Compare(b.Addr.Netip())
	})
	out := make([]Peer, len(found))
	for i, p := range found {
		out[i] = *p
	}
	return out
}

// rank is how soon a peer is shown, 0 first.
func (p *Peer) rank() int {
	switch d := p.Subject.Device; {
	case p.Inbound:
		return 0
	case d == nil:
		return 3
	case d.Category == "medical":
		return 1
	case embedded[d.Category]:
		return 2
	}
	return 3
}

func (p *Peer) sensors() []model.SensorID {
	var out []model.SensorID
	for _, v := range p.Vantages {
		name, _, _ := strings.Cut(v, "/")
		out = append(out, model.SensorID(name))
	}
	return distinct(out)
}

// finding makes one of a peer.
func (p *Peer) finding(t model.FindingType, rule string) Finding {
	f := Finding{Type: t, Rule: rule, RuleVersion: 1, Subject: p.Subject, Service: p.Service, Port: p.Port, Protocol: p.Protocol, Peers: 1,
		Count: p.Flows, First: p.First, Last: p.Last, Sensors: p.sensors(), Detail: cmp.Or(p.Name, p.Addr.String())}
	if p.Subject.Device != nil {
		f.Devices = []string{p.Subject.Device.ID}
	}
	f.Evidence = []inventory.Evidence{{Source: "flow", Rule: rule, Value: f.Detail, Addr: p.Addr, Site: p.Subject.Site, Realm: p.Subject.Realm,
		Sensors: f.Sensors, First: p.First.UnixNano(), Last: p.Last.UnixNano(), Count: p.Flows}}
	return f
}

// embedded are the categories of devices that nobody browses with.
var embedded = map[string]bool{"medical": true, "building": true, "ot": true}

// perimeter makes findings of what crosses the perimeter.
func perimeter(in *Input, peers []Peer) []Finding {
	var all []Finding
	for i := range peers {
		p := &peers[i]
		s, _ := service.ByName(p.Service)
		medical := s.Role == service.RoleMedical
		if p.Inbound && p.Answered && in.Sites.Class(p.Subject.Addr) != inventory.Partner {
			if medical {
				all = append(all, p.finding(model.FindingExposedMedicalService, "hub.medical-service-inbound"))
			} else if p.Protocol == 6 || p.Service != "" && s.Role != service.RoleInfra { // an answered datagram alone may have its ends the wrong way round
				all = append(all, p.finding(model.FindingInternetInbound, "hub.internet-inbound"))
			}
		}
		if medical && !p.Encrypted && s.Clear && p.Answered {
			all = append(all, p.finding(model.FindingMedicalDataInClear, "hub.medical-data-in-clear"))
		}
		if d := p.Subject.Device; !p.Inbound && d != nil && embedded[d.Category] {
			all = append(all, p.finding(model.FindingExternalCommunication, "hub.external-communication"))
		}
	}
	var out []Finding
	for _, same := range together(all, (*Finding).weakness) {
		f := merged(same)
		f.Peers, f.Evidence = uint64(len(same)), nil
		for _, o := range same {
			f.Evidence = append(f.Evidence, o.Evidence...)
		}
		out = append(out, f)
	}
	return out
}

// axeda finds the agent where no sensor reported it: by the service or by what the device asked for.
func axeda(in *Input, peers []Peer, known []Finding) []Finding {
	seen := map[string]bool{}
	for i := range known {
		if f := &known[i]; f.Type == model.FindingKnownVulnerableComponent && f.Service == "axeda" {
			seen[f.key()] = true
			if f.Subject.Device != nil {
				seen[f.Subject.Device.ID] = true
			}
		}
	}
	var out []Finding
	for i := range peers {
		p := &peers[i]
		named := slices.ContainsFunc(p.Names, func(n string) bool {
			n = "." + strings.ToLower(strings.TrimSuffix(n, "."))
			return strings.HasSuffix(n, ".axeda.com") || strings.HasSuffix(n, ".axeda.net")
		})
		if p.Service != "axeda" && !named || p.Subject.Device == nil || seen[p.Subject.Device.ID] {
			continue
		}
		seen[p.Subject.Device.ID] = true
		f := p.finding(model.FindingKnownVulnerableComponent, "hub.axeda-agent")
		f.Service = "axeda"
		out = append(out, f)
	}
	for i := range in.Inventory.Devices {
		d := &in.Inventory.Devices[i]
		a := d.Attribute(inventory.AttrSoftware)
		if a == nil || seen[d.ID] || !strings.Contains(strings.ToLower(a.Value+" "+strings.Join(a.Conflicts, " ")), "axeda") {
			continue
		}
		f := deviceFinding(d, model.FindingKnownVulnerableComponent, "hub.axeda-agent", a)
		f.Service, f.Detail = "axeda", a.Value
		out = append(out, f)
	}
	return out
}

func legacyFinding(d *inventory.Device) Finding {
	f := deviceFinding(d, model.FindingLegacyOS, "hub.legacy-os", d.Attribute(inventory.AttrOS))
	f.Detail = d.OS + " until " + d.SupportUntil
	return f
}

// deviceFinding is a finding that rests on an attribute.
func deviceFinding(d *inventory.Device, t model.FindingType, rule string, a *inventory.Attribute) Finding {
	f := Finding{Type: t, Rule: rule, RuleVersion: 1, Subject: Subject{Device: d, Realm: d.Realm, Site: d.Site}, Devices: []string{d.ID},
		Count: 1, First: time.Unix(0, d.First).UTC(), Last: time.Unix(0, d.Last).UTC()}
	if len(d.Addrs) > 0 {
		f.Subject.Addr = d.Addrs[0]
	}
	if a != nil {
		f.Evidence = a.Evidence
		for _, e := range a.Evidence {
			f.Sensors = add(f.Sensors, e.Sensors)
		}
		slices.Sort(f.Sensors)
	}
	return f
}

// InPeriod reports whether anything of the finding was seen in a period.
func (f *Finding) InPeriod(p store.Period) bool {
	return (p.To.IsZero() || f.First.Before(p.To)) && (p.From.IsZero() || !f.Last.Before(p.From))
}
