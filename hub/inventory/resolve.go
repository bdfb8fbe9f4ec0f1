package inventory

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/wardscope/wardscope/hub/inventory/identity"
	"github.com/wardscope/wardscope/hub/inventory/knowledge"
	"github.com/wardscope/wardscope/hub/inventory/weigh"
	"github.com/wardscope/wardscope/internal/model"
)

// Resolve concludes devices and bindings from all that is known. It is a pure function of in and
// set, independent of the order of the slices.
func Resolve(in *Input, set *knowledge.Set) *Inventory { return new(Memory).Resolve(in, set) }

// Resolve does what the function Resolve does, and takes over what it concluded the last time of
// devices of which nothing else is known since.
func (m *Memory) Resolve(in *Input, set *knowledge.Set) *Inventory {
	m.begin(in, set)
	seg := newSegments(in.Places, registrants{in.Vendor, set})
	remote := remotes{}
	for i := range in.Claims {
		c := &in.Claims[i]
		seg.addClaim(c)
		if set.RemoteClaim(knowledge.Fact{Kind: c.Kind.String(), Source: c.Source}) {
			remote.add(realmOf(c.Realm, c.Site), c.Subject)
		}
	}
	remote.into(seg)
	for i := range in.Sightings {
		seg.addSighting(&in.Sightings[i])
	}
	for i := range in.Usages {
		u := &in.Usages[i]
		seg.spoken(realmOf(u.Realm, u.Site), u.Addr, 0, u.First, u.Last, u.Count)
		if u.Offers && set.Remote(u.Service) {
			seg.equipment[addrKey{realmOf(u.Realm, u.Site), u.Addr}] = true
		}
	}
	seg.apart = in.Decisions.Apart
	seg.decide()
	r := &resolver{in: in, set: set, seg: seg, memory: m, drafts: map[identity.Endpoint]*draft{}, join: identity.NewJoiner()}
	r.endpoints()
	r.gather()
	r.unite()
	return r.finish()
}

// registrants tells makers by whom link addresses were assigned to.
type registrants struct {
	vendor func(model.MAC) (string, bool)
	set    *knowledge.Set
}

func (r registrants) of(m model.MAC) string {
	if r.vendor == nil || m.IsLocal() {
		return ""
	}
	name, _ := r.vendor(m)
	return name
}

func (r registrants) carrier(m model.MAC) bool {
	name := r.of(m)
	return name != "" && r.set.Carrier(name)
}

func (r registrants) computer(m model.MAC) bool {
	name := r.of(m)
	return name != "" && r.set.Computer(name)
}

func (r registrants) other(m model.MAC, claimed string) bool {
	name := r.of(m)
	return name != "" && !r.set.Placeholder(claimed) && r.set.Vendor(claimed) != r.set.Vendor(name)
}

// derived is how many facts about a device no sensor claims.
const derived = 3

// maxTogether bounds the services that are looked at together.
const maxTogether = 64

// draft is a device in the making.
type draft struct {
	end     identity.Endpoint
	macs    map[model.MAC]bool
	addrs   addrSpans
	vlans   vlanSet
	sites   siteCounts
	here    span // seen at its own place; valid iff it was joined with an endpoint there
	offers  map[string]bool
	facts   []weigh.Fact
	all     span
	foreign int
	router  bool
	name    string // claimed last
	reasons []string
	merged  []identity.Endpoint // other endpoints of the device, ascending
	homes   []home              // of endpoints elsewhere: in another realm, behind another gateway

	sum     uint64 // of the facts
	weighed []Attribute
	reused  bool
}

type addrSpans = map[model.Addr]span

type resolver struct {
	memory *Memory
	in     *Input
	set    *knowledge.Set
	seg    *segments
	drafts map[identity.Endpoint]*draft
	join   *identity.Joiner
	last   owned
}

func (r *resolver) draft(e identity.Endpoint) *draft {
	d := r.drafts[e]
	if d == nil {
		d = &draft{end: e, macs: map[model.MAC]bool{}, addrs: map[model.Addr]span{}, offers: map[string]bool{},
			facts: make([]weigh.Fact, 0, r.memory.weighed[e].facts+derived)}
		if e.Part == "" {
			if e.MAC != 0 {
				d.macs[e.MAC] = true
			} else {
				d.addrs[e.Addr] = r.seg.spoke[addrKey{e.Realm, e.Addr}]
			}
		}
		r.drafts[e] = d
	}
	return d
}

// endpoints makes a draft of every link address, and of every address that none holds.
func (r *resolver) endpoints() {
	for k, l := range r.seg.links {
		d := r.draft(identity.Endpoint{Realm: k.realm, MAC: k.mac})
		d.foreign, d.router = l.foreign, l.router
		maps.Copy(d.addrs, l.own)
		d.all = d.all.merge(l.all)
	}
	for k, sp := range r.seg.spoke {
		if e, ok := r.seg.owner(k.realm, model.Subject{Addr: k.addr}, sp.last); ok {
			d := r.draft(e)
			if len(r.seg.holders[k]) > 1 {
				continue // what was sent from the address is not all of this one
			}
			d.all = d.all.merge(sp)
			if l := r.seg.links[macKey{k.realm, e.MAC}]; e.MAC != 0 {
				if own, ok := l.own[k.addr]; ok {
					d.addrs[k.addr] = own.merge(sp)
				}
			}
		}
	}
}

// gather hands every claim, sighting and usage to the device it is about.
func (r *resolver) gather() {
	for i := range r.in.Claims {
		r.gatherClaim(&r.in.Claims[i])
	}
	for i := range r.in.Sightings {
		s := &r.in.Sightings[i]
		realm := realmOf(s.Realm, s.Site)
		e, ok := r.seg.owner(realm, model.Subject{Addr: s.Addr, MAC: s.MAC}, s.Last)
		if !ok || s.Packets == 0 {
			continue
		}
		d := r.draft(e)
		d.see(s.Site, s.MAC, []uint16{s.VLAN}, s.Packets)
	}
	for i := range r.in.Usages {
		u := &r.in.Usages[i]
		realm := realmOf(u.Realm, u.Site)
		e, ok := r.seg.owner(realm, model.Subject{Addr: u.Addr}, u.Last)
		if !ok || u.Service == "" {
			continue
		}
		f := weigh.Fact{Fact: knowledge.Fact{Kind: "uses", Source: "flow.uses", Value: u.Service}, Addr: u.Addr, Site: u.Site,
			Realm: realm, First: u.First, Last: u.Last, Count: u.Count}
		d := r.draft(e)
		if u.Offers {
			f.Kind, f.Source = "offers", "flow.offers"
			d.offers[u.Service] = true
		}
		d.facts = append(d.facts, f)
		d.all.add(u.First, u.Last, u.Count)
	}
}

func (r *resolver) gatherClaim(c *Claim) {
	realm := realmOf(c.Realm, c.Site)
	sub := c.Subject
	if c.Kind == model.KindAddressBinding {
		addr, mac, ok := binding(c)
		if !ok {
			return
		}
		sub.Addr, sub.MAC = addr, mac
	}
	e, d := r.ownerOf(realm, sub, c.Last)
	if d == nil {
		return
	}
	d.see(c.Site, c.Subject.MAC, c.VLANs, 1)
	d.all.add(c.First, c.Last, c.Count)
	f := weigh.Fact{Fact: knowledge.Fact{Kind: c.Kind.String(), Source: c.Source, Value: c.Value}, Addr: c.Subject.Addr, MAC: c.Subject.MAC,
		Site: c.Site, Realm: realm, Sensors: c.Sensors, First: c.First, Last: c.Last, Count: c.Count}
	switch c.Kind {
	case model.KindAddressBinding, model.KindStack:
		return // read by segments
	case model.KindHostname:
		if name := r.memory.name(c.Value, r.set); name != "" {
			d.called(name, func() { r.join.AddName(e, name) })
			r.addLinkName(e, c, name)
		}
	case model.KindServiceOffered:
		d.offers[c.Value] = true
	}
	if r.set.TellsKind(f.Fact) {
		r.join.AddTrait(e, c.Value)
	}
	if named, ok := r.set.NamesLink(f.Fact); ok {
		if m, err := model.ParseMAC(named); err == nil && isStation(m) {
			r.join.AddPort(e, m, c.Subject.MAC.String()+" says by "+c.Source+" that it is a port of "+m.String())
		}
	}
	if id := r.memory.identifier(f.Fact, r.set); id != nil {
		r.join.AddStrong(e, identity.Identifier{Kind: id.Name, Value: weigh.Compared(AttrSerial, c.Value), Hardware: id.Hardware, Configured: id.Configured})
	}
	if e.Part != "" && r.set.Carries(e.Part) {
		r.join.AddPart(e)
	}
	d.facts = append(d.facts, f)
}

// see notes where a device was seen. The VLAN is that of its own segment only if the frame had
// its own link address.
func (d *draft) see(site model.SiteID, mac model.MAC, vlans []uint16, n uint64) {
	weight := n
	if mac != 0 && (mac == d.end.MAC || d.macs[mac]) {
		for _, v := range vlans {
			d.vlans.add(v)
		}
		weight <<= 16 // its own segment says more of where it is than a path it crosses
	}
	d.sites.add(site, max(weight, 1))
}

// called runs note for a name that was not the last one: sources repeat it.
func (d *draft) called(name string, note func()) {
	if d.name != name {
		d.name = name
		note()
	}
}

// finish turns drafts into devices, sorted by id.
func (r *resolver) finish() *Inventory {
	inv := &Inventory{Places: r.in.Places}
	ends := sortedKeys(r.drafts, identity.Compare)
	ds := make([]*draft, len(ends))
	for i, e := range ends {
		ds[i] = r.drafts[e]
		r.bind(inv, ds[i])
	}
	inv.Devices = make([]Device, len(ds))
	r.weigh(ds, inv.Devices)
	inv.index()
	r.memory.keep(ds)
	return inv
}

func (r *resolver) device(d *draft) Device {
	e, at := d.end, d.latest()
	out := Device{ID: e.ID(), Realm: at.end.Realm, Part: e.Part, BehindRouter: len(d.macs) == 0 && e.Part == "", First: d.all.first, Last: d.all.last,
		Router: d.router, Reasons: d.why(), Endpoints: append([]identity.Endpoint{e}, d.merged...)}
	if e.Part != "" {
		out.Behind = at.end.Host().ID()
	}
	out.Addrs = at.newest()
	out.MACs = sortedKeys(d.macs, func(a, b model.MAC) int { return cmp.Compare(a, b) })
	out.VLANs = at.vlans.sorted()
	out.Services = sortedKeys(d.offers, strings.Compare)
	out.Site = r.site(&at)
	place := r.in.Places.Place(out.Site, Whereabouts{Addrs: out.Addrs, VLANs: out.VLANs, Ports: d.ports()})
	out.Department = place.Department

	r.addDerived(d, &out)
	d.sum = r.memory.sum(d.facts)
	if old, ok := r.memory.weighed[e]; ok && old.sum == d.sum {
		d.weighed, d.reused = old.attributes, true
	} else {
		w := weigh.New(r.set)
		for i := range d.facts {
			w.Add(&d.facts[i])
		}
		d.weighed = w.Conclude()
		for i := range d.weighed { // what is added to a copy must not show in another
			a := &d.weighed[i]
			a.Evidence, a.Conflicts = slices.Clip(a.Evidence), slices.Clip(a.Conflicts)
		}
	}
	out.Attributes = slices.Clone(d.weighed)
	r.critical(&out)
	out.stands(d, &place)
	r.decide(&out)
	r.sum(&out)
	return out
}

// addDerived adds what no sensor claims: the registrant of a link address, and forwarding.
func (r *resolver) addDerived(d *draft, out *Device) {
	base := weigh.Fact{Realm: out.Realm, Site: out.Site, First: out.First, Last: out.Last, Count: 1}
	for _, m := range out.MACs {
		registrant := registrants{r.in.Vendor, r.set}.of(m)
		if registrant == "" || r.set.Maker(registrant) == "" {
			continue
		}
		f := base
		f.Fact, f.MAC = knowledge.Fact{Kind: "oui", Source: "mac.oui", Value: registrant}, m
		d.facts = append(d.facts, f)
	}
	if services := r.known(out.Services); services != "" {
		f := base
		f.Fact = knowledge.Fact{Kind: "offered", Source: "flow.offered", Value: services}
		d.facts = append(d.facts, f)
	}
	if d.router && d.foreign > 0 {
		f := base
		f.Fact = knowledge.Fact{Kind: "forwards", Source: "flow.forwards", Value: strconv.Itoa(d.foreign)}
		if len(out.MACs) > 0 {
			f.MAC = out.MACs[0]
		}
		d.facts = append(d.facts, f)
	}
}

// known lists services side by side, for rules about what goes together.
func (r *resolver) known(services []string) string {
	if len(services) < 2 {
		return ""
	}
	return " " + strings.Join(services[:min(len(services), maxTogether)], " ") + " "
}

// site is where the device stands: what its address is declared as, else where it was seen on
// its own segment, else where most of it was seen.
func (r *resolver) site(at *home) model.SiteID {
	if at.end.MAC == 0 {
		for _, a := range append([]model.Addr{at.end.Addr}, at.newest()...) {
			if s := r.in.Places.SiteOf(at.end.Realm, a); s != "" {
				return s
			}
		}
	}
	return at.sites.most()
}

func (d *draft) why() []string {
	var out []string
	switch e := d.end; {
	case e.Part != "":
		out = append(out, "part "+e.Part+" behind "+cmp.Or(e.MAC.String(), e.Addr.String()))
	case e.MAC != 0 && e.MAC.IsLocal():
		out = append(out, "link address "+e.MAC.String()+" in realm "+string(e.Realm)+" (locally administered: may be random)")
	case e.MAC != 0:
		out = append(out, "link address "+e.MAC.String()+" in realm "+string(e.Realm))
	default:
		out = append(out, "address "+e.Addr.String()+" in realm "+string(e.Realm)+", seen without a link address of its own")
	}
	if d.router && d.foreign > 0 {
		out = append(out, "forwards packets of "+strconv.Itoa(d.foreign)+" other addresses, which are no part of it")
	}
	return append(out, d.reasons...)
}
