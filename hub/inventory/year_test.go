package inventory_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/internal/model"
)

var yearDevices = flag.Int("year", 2000, "devices of the generated year; make year takes 20,000")

// thing is one machine of the generated year: the truth.
type thing int

// endpointKey names an endpoint of the year as the inventory does.
type endpointKey struct {
	realm model.Realm
	mac   model.MAC
	addr  model.Addr // of what is only known behind a router
	part  string
}

// year generates a year at one hospital, and a small second one that has the same private
// addresses. What it writes down is what a store would hand to the inventory: claims and sightings
// added up over the year.
type year struct {
	r     *rand.Rand
	in    inventory.Input
	truth map[endpointKey]thing
	held  []holding
	next  thing
	named []string // what each thing is, for messages
}

// holding is that a thing had an address for a while.
type holding struct {
	who         thing
	realm       model.Realm
	addr        model.Addr
	first, last int64
}

const (
	dayTime  = int64(24 * time.Hour)
	yearDays = 365
)

func (y *year) thing(what string) thing {
	y.next++
	y.named = append(y.named, what)
	return y.next - 1
}

func at(days float64) int64 { return day + int64(days*float64(dayTime)) }

// sensorsOf: the hospital's two sensors see overlapping halves.
func (y *year) sensorsOf(site model.SiteID) []model.SensorID {
	if site == "clinic" {
		return []model.SensorID{"c1"}
	}
	return [][]model.SensorID{{"n1"}, {"n2"}, {"n1", "n2"}}[y.r.IntN(3)]
}

func (y *year) claim(site model.SiteID, sub model.Subject, kind model.Kind, source, value string, from, to float64) {
	y.in.Claims = append(y.in.Claims, inventory.Claim{Site: site, Realm: model.Realm(site), Sensors: y.sensorsOf(site), VLANs: []uint16{10}, Subject: sub, Kind: kind,
		Source: source, Value: value, First: at(from), Last: at(to), Count: 3})
}

func (y *year) sent(site model.SiteID, m model.MAC, a model.Addr, from, to float64) {
	y.in.Sightings = append(y.in.Sightings, inventory.Sighting{Site: site, Realm: model.Realm(site), VLAN: 10, MAC: m, Addr: a, First: at(from), Last: at(to), Packets: 100})
}

// lease lets a thing have an address on its own segment for a while.
func (y *year) lease(who thing, site model.SiteID, m model.MAC, a model.Addr, from, to float64) {
	y.claim(site, model.Subject{Addr: a, MAC: m}, model.KindAddressBinding, "dhcp.yiaddr", a.String(), from, to)
	y.sent(site, m, a, from, to)
	y.truth[endpointKey{realm: model.Realm(site), mac: m}] = who
	y.held = append(y.held, holding{who, model.Realm(site), a, at(from), at(to)})
}

// pool hands addresses of a subnet out, never one to two at a time.
type pool struct {
	base  uint32
	until []float64
}

func (p *pool) take(r *rand.Rand, from, to float64) model.Addr {
	for {
		i := r.IntN(len(p.until))
		if p.until[i] < from {
			p.until[i] = to
			v := p.base + uint32(i)
			return model.AddrFrom4([]byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)})
		}
	}
}

func newPool(b, c byte, size int) *pool {
	p := &pool{base: 10<<24 | uint32(b)<<16 | uint32(c)<<8 + 1, until: make([]float64, size)}
	for i := range p.until {
		p.until[i] = -1
	}
	return p
}

// station is a machine with its own name that changes address some times a year. Pools are walked
// in order of time, so leases are made month by month by the caller.
type station struct {
	who    thing
	mac    model.MAC
	name   string
	from   float64
	to     float64
	every  float64 // days a lease holds
	next   float64
	claims func(sub model.Subject, from, to float64) // on each lease
}

func (y *year) churn(site model.SiteID, p *pool, all []*station) {
	for _, s := range all {
		s.next = s.from
	}
	for now := 0.0; now < yearDays; now++ {
		for _, s := range all {
			if s.next > now || s.next >= s.to {
				continue
			}
			end := min(s.next+s.every, s.to)
			a := p.take(y.r, s.next, end)
			y.lease(s.who, site, s.mac, a, s.next, end-0.01)
			if s.name != "" {
				y.claim(site, model.Subject{Addr: a, MAC: s.mac}, model.KindHostname, "dhcp.option12", s.name, s.next, end-0.01)
			}
			if s.claims != nil {
				s.claims(model.Subject{Addr: a, MAC: s.mac}, s.next, end-0.01)
			}
			s.next = end
		}
	}
}

var makers = map[model.MAC]string{0x0003b1: "Hospira Inc.", 0x00095c: "Philips Medical Systems", 0x0018f3: "ASUSTek", 0xf8bc12: "Dell Inc.", 0x001a4b: "Hewlett Packard",
	0x000c29: "VMware, Inc.", 0x001907: "Cisco Systems, Inc", 0x0040ae: "Delta Controls", 0x3c970e: "Wistron", 0x84253f: "silex technology"}

func vendorOf(m model.MAC) (string, bool) { v, ok := makers[m>>24]; return v, ok }

func newYear(seed uint64, n int) *year {
	y := &year{r: rand.New(rand.NewPCG(seed, 7)), truth: map[endpointKey]thing{}}
	y.in = inventory.Input{Places: open{}, Now: at(yearDays), Vendor: vendorOf}
	y.pumps(n * 25 / 1000)
	y.workstations(n / 100)
	y.swaps(n / 50)
	y.laptops(n / 20)
	y.phones(n / 10)
	y.controllers(n / 50)
	y.gateways(n * 15 / 1000)
	y.remote(n / 50)
	y.roaming(n / 100)
	y.routed(n / 20)
	y.clinic(n / 20)
	y.others(n - int(y.next))
	y.addUp()
	return y
}

// addUp joins what the store keeps as one row: a claim of equal content, an address behind a link
// address, over the whole year.
func (y *year) addUp() {
	type key struct {
		site          model.SiteID
		sub           model.Subject
		kind          model.Kind
		value, source string
	}
	claims, at := map[key]int{}, 0
	for i := range y.in.Claims {
		c := &y.in.Claims[i]
		k := key{c.Site, c.Subject, c.Kind, c.Value, c.Source}
		j, ok := claims[k]
		if !ok {
			claims[k] = at
			y.in.Claims[at] = *c
			at++
			continue
		}
		old := &y.in.Claims[j]
		old.First, old.Last, old.Count = min(old.First, c.First), max(old.Last, c.Last), old.Count+c.Count
	}
	y.in.Claims = y.in.Claims[:at]
	sightings, at := map[key]int{}, 0
	for i := range y.in.Sightings {
		s := &y.in.Sightings[i]
		k := key{site: s.Site, sub: model.Subject{Addr: s.Addr, MAC: s.MAC}}
		j, ok := sightings[k]
		if !ok {
			sightings[k] = at
			y.in.Sightings[at] = *s
			at++
			continue
		}
		old := &y.in.Sightings[j]
		old.First, old.Last, old.Packets = min(old.First, s.First), max(old.Last, s.Last), old.Packets+s.Packets
	}
	y.in.Sightings = y.in.Sightings[:at]
}

// pumps have one factory certificate, a placeholder serial, and change wards.
func (y *year) pumps(n int) {
	p := newPool(16, 0, 4*n+64)
	var all []*station
	for i := range n {
		s := &station{who: y.thing("pump"), mac: model.MAC(0x0003b1000000 + i), name: fmt.Sprintf("pump-%04d", i), to: yearDays, every: 20 + 20*y.r.Float64()}
		s.claims = func(sub model.Subject, from, to float64) {
			y.claim("north", sub, model.KindCertificate, "tls.cert_subject", "CN=factory", from, to)
			y.claim("north", sub, model.KindSerial, "snmp.serial", []string{"To be filled by O.E.M.", "123456789", "00000000"}[i%3], from, to)
		}
		all = append(all, s)
	}
	y.churn("north", p, all)
}

// workstations of one image share DUID, SMB identity and, until they are renamed, their name.
func (y *year) workstations(n int) {
	p := newPool(17, 0, 4*n+64)
	var all []*station
	for i := range n {
		s := &station{who: y.thing("workstation of an image"), mac: model.MAC(0xf8bc12000000 + i), name: "image-pc", to: yearDays, every: 30}
		s.claims = func(sub model.Subject, from, to float64) {
			y.claim("north", sub, model.KindIdentifier, "dhcpv6.client_duid", "000100011c39cf88f8bc12aabbcc", from, to)
			y.claim("north", sub, model.KindIdentifier, "smb.server_guid", "guid:00112233", from, to)
			if from > 5 {
				y.claim("north", sub, model.KindHostname, "ntlmssp.netbios_computer", fmt.Sprintf("ws-%05d", i), from, to)
			}
		}
		all = append(all, s)
	}
	y.churn("north", p, all)
}

// swaps are machines that are replaced during the year: the new one has the name, and the image's
// DUID, and another serial number or none.
func (y *year) swaps(n int) {
	p := newPool(18, 0, 8*n+64)
	var all []*station
	for i := range n {
		when := 30 + 300*y.r.Float64()
		name, duid := fmt.Sprintf("swap-%04d", i), fmt.Sprintf("000100012c39cf88001a4b%06x", i)
		for k, span := range [][2]float64{{0, when}, {when + 1, yearDays}} {
			s := &station{who: y.thing("replaced"), mac: model.MAC(0x001a4b000000 + 2*i + k), name: name, from: span[0], to: span[1], every: 45}
			s.claims = func(sub model.Subject, from, to float64) {
				y.claim("north", sub, model.KindIdentifier, "dhcpv6.client_duid", duid, from, to)
				if i%2 == 0 {
					y.claim("north", sub, model.KindSerial, "snmp.serial", fmt.Sprintf("CZC%05d%d", i, k), from, to)
				}
			}
			all = append(all, s)
		}
	}
	y.churn("north", p, all)
}

// laptops have a wired and a wireless adapter, in use by turns.
func (y *year) laptops(n int) {
	wired, radio := newPool(19, 0, 4*n+64), newPool(20, 0, 4*n+64)
	for _, part := range []struct {
		pool *pool
		oui  model.MAC
	}{{wired, 0xf8bc12800000}, {radio, 0x3c970e000000}} {
		var all []*station
		for i := range n {
			if part.pool == wired {
				y.thing("laptop")
			}
			who := y.next - thing(n) + thing(i)
			if part.pool == wired {
				who = y.next - 1
			}
			s := &station{who: who, mac: part.oui + model.MAC(i), name: fmt.Sprintf("lt-%04d", i), from: float64(i % 9), to: yearDays - float64(i%7), every: 14}
			s.claims = func(sub model.Subject, from, to float64) {
				if i%2 == 0 {
					y.claim("north", sub, model.KindSerial, "snmp.serial", fmt.Sprintf("5CG%06d", i), from, to)
				} else {
					y.claim("north", sub, model.KindIdentifier, "dhcpv6.client_duid", fmt.Sprintf("000100013c39cf88f8bc128%05x", i), from, to)
				}
			}
			all = append(all, s)
		}
		y.churn("north", part.pool, all)
	}
}

// phones make a link address up for each visit and have common names.
func (y *year) phones(n int) {
	p := newPool(21, 0, 4*n+64)
	var all []*station
	for range n {
		from := 360 * y.r.Float64()
		m := model.MAC(0x020000000000 | y.r.Uint64N(1<<40))
		all = append(all, &station{who: y.thing("phone"), mac: m, name: []string{"iphone", "ipad", ""}[y.r.IntN(3)], from: from, to: from + 0.5, every: 1})
	}
	y.churn("north", p, all)
}

// controllers come in pairs that were given one BACnet instance and name, and AE titles are what
// two modalities were given.
func (y *year) controllers(n int) {
	p := newPool(22, 0, 4*n+64)
	var all []*station
	for i := range n {
		s := &station{who: y.thing("controller"), mac: model.MAC(0x0040ae000000 + i), to: yearDays, every: 400}
		s.claims = func(sub model.Subject, from, to float64) {
			y.claim("north", sub, model.KindIdentifier, "bacnet.i_am", fmt.Sprintf("bacnet device %d", 1000+i/2), from, to)
			y.claim("north", sub, model.KindHostname, "bacnet.object_name", fmt.Sprintf("AHU-%d", i/2), from, to)
			y.claim("north", sub, model.KindIdentifier, "dicom.calling_ae", fmt.Sprintf("CT%d", i/2), from, to)
		}
		all = append(all, s)
	}
	y.churn("north", p, all)
}

// gateways are two, with pumps behind them that are plugged in here and there.
func (y *year) gateways(n int) {
	p := newPool(23, 0, 16)
	var all []*station
	for i := range 2 {
		all = append(all, &station{who: y.thing("gateway"), mac: model.MAC(0x84253f000000 + i), name: fmt.Sprintf("gw-%d", i), to: yearDays, every: 400})
	}
	y.churn("north", p, all)
	for i := range n {
		who := y.thing("pump behind a gateway")
		part := fmt.Sprintf("hl7:001221%010X", i*7919)
		for visit := range 3 {
			gw := all[(i+visit)%2]
			from := float64(visit * 120)
			sub := model.Subject{Addr: p.at(gw, y), MAC: gw.mac, Part: part}
			y.claim("north", sub, model.KindIdentifier, "hl7.PRT-10", part[4:], from, from+100)
			y.claim("north", sub, model.KindModel, "hl7.PRT-10.2", "Infusomat Space", from, from+100)
			y.truth[endpointKey{realm: "north", mac: gw.mac, part: part}] = who
		}
		// The number of a slot says nothing of who is in it.
		sub := model.Subject{Addr: p.at(all[i%2], y), MAC: all[i%2].mac, Part: fmt.Sprintf("modbus:%d", i)}
		y.claim("north", sub, model.KindModel, "modbus.product_code", "slot", 0, 300)
		y.truth[endpointKey{realm: "north", mac: all[i%2].mac, part: sub.Part}] = y.thing("slot")
	}
}

// at is the address that a station was given at the begin of the year.
func (p *pool) at(s *station, y *year) model.Addr {
	for _, h := range y.held {
		if h.who == s.who {
			return h.addr
		}
	}
	return model.Addr{}
}

// remote machines are seen through a router only, change address once, and show a serial number.
func (y *year) remote(n int) {
	const router = model.MAC(0x001907000001)
	early, late := newPool(40, 0, n+8), newPool(41, 0, n+8)
	y.truth[endpointKey{realm: "north", mac: router}] = y.thing("router")
	for i := range n {
		who := y.thing("behind a router")
		when := 100 + 100*y.r.Float64()
		for k, p := range []*pool{early, late} {
			from, to := []float64{1, when + 1}[k], []float64{when, 360}[k]
			a := p.take(y.r, from, to)
			y.sent("north", router, a, from, to)
			y.claim("north", model.Subject{Addr: a, MAC: router}, model.KindSerial, "snmp.serial", fmt.Sprintf("RM%06d", i), from, to)
			y.claim("north", model.Subject{Addr: a, MAC: router}, model.KindStack, "ip.ttl", "63", from, to)
			y.truth[endpointKey{realm: "north", addr: a}] = who
			y.held = append(y.held, holding{who, "north", a, at(from), at(to)})
		}
	}
}

// roaming pumps spend a part of the year at the clinic.
func (y *year) roaming(n int) {
	home, away := newPool(24, 0, 4*n+64), newPool(24, 0, 4*n+64)
	for i := range n {
		who, m, name := y.thing("roams"), model.MAC(0x00095c000000+i), fmt.Sprintf("monitor-%03d", i)
		for visit, site := range []model.SiteID{"north", "clinic", "north"} {
			from := float64(visit * 120)
			a := []*pool{home, away, home}[visit].take(y.r, from, from+110)
			y.lease(who, site, m, a, from, from+110)
			if i%3 > 0 || visit == 2 { // some say their name late
				y.claim(site, model.Subject{Addr: a, MAC: m}, model.KindHostname, "dhcp.option12", name, from, from+110)
			}
			if i%3 == 0 {
				y.claim(site, model.Subject{Addr: a, MAC: m}, model.KindSerial, "intellivue.serial", fmt.Sprintf("DE%07d", i), from, from+110)
			}
		}
	}
}

// routed machines send through a router and through a NAT: neither joins what passes.
func (y *year) routed(n int) {
	const router, nat = model.MAC(0x001907000002), model.MAC(0x001907000003)
	y.truth[endpointKey{realm: "north", mac: router}] = y.thing("router")
	y.truth[endpointKey{realm: "north", mac: nat}] = y.thing("NAT")
	outside := model.AddrFrom4([]byte{10, 60, 0, 1})
	y.lease(y.next-1, "north", nat, outside, 0, 364)
	p := newPool(42, 0, n+8)
	for i := range n {
		a := p.take(y.r, 0, 364)
		who := y.thing("routed")
		y.sent("north", router, a, 0, 364)
		y.claim("north", model.Subject{Addr: a, MAC: router}, model.KindStack, "ip.ttl", "127", 0, 364)
		y.claim("north", model.Subject{Addr: a, MAC: router}, model.KindHostname, "ntlmssp.netbios_computer", fmt.Sprintf("far-%04d", i), 0, 364)
		y.truth[endpointKey{realm: "north", addr: a}] = who
		y.held = append(y.held, holding{who, "north", a, at(0), at(364)})
		if i%4 == 0 { // behind the NAT: many names from one address
			y.claim("north", model.Subject{Addr: outside, MAC: nat}, model.KindHostname, "ntlmssp.netbios_computer", fmt.Sprintf("nat-%04d", i), 0, 364)
		}
	}
}

// clinic is a second site with the same private addresses and other machines.
func (y *year) clinic(n int) {
	p := newPool(16, 0, 4*n+64) // as the pumps
	var all []*station
	for i := range n {
		all = append(all, &station{who: y.thing("clinic"), mac: model.MAC(0x0018f3000000 + i), name: fmt.Sprintf("pump-%04d", i), to: yearDays, every: 40})
	}
	// Virtual machines of both sites may have one made-up link address.
	for i := range 4 {
		m := model.MAC(0x000c29000000 + i)
		y.lease(y.thing("virtual machine"), "north", m, model.AddrFrom4([]byte{10, 61, 0, byte(i + 1)}), 0, 364)
		all = append(all, &station{who: y.thing("virtual machine"), mac: m, name: "vm", to: yearDays, every: 400})
	}
	y.churn("clinic", p, all)
}

// others are all the rest: machines with a name and a lease.
func (y *year) others(n int) {
	p := newPool(48, 0, 3*max(n, 1)+64)
	var all []*station
	for i := range max(n, 0) {
		all = append(all, &station{who: y.thing("other"), mac: model.MAC(0x0018f3800000 + i), name: fmt.Sprintf("host-%05d", i), to: yearDays, every: 60 + 60*y.r.Float64()})
	}
	y.churn("north", p, all)
}

// TestYear holds the devices of a generated year against the truth: of all pairs of endpoints that
// were joined, how many are one machine's (precision), and of all pairs of one machine, how many
// were joined (recall); and who had an address at a time.
func TestYear(t *testing.T) {
	y := newYear(1, *yearDevices)
	began := time.Now()
	inv := inventory.Resolve(&y.in, set(t))
	took := time.Since(began)
	device := map[endpointKey]string{}
	for i := range inv.Devices {
		for _, e := range inv.Devices[i].Endpoints {
			device[endpointKey{e.Realm, e.MAC, e.Addr, e.Part}] = inv.Devices[i].ID
		}
	}
	score := y.judge(device)
	right, asked := 0, 0
	for i := 0; i < len(y.held); i += 1 + len(y.held)/20_000 {
		h := &y.held[i]
		asked++
		if d := inv.At(h.realm, h.addr, 0, h.first+(h.last-h.first)/2); d != nil && y.owns(d, h) {
			right++
		}
	}
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	t.Logf("%d machines, %d endpoints, %d claims, %d devices, resolved in %v; joins %d: precision %.5f, recall %.5f; address at a time %.5f of %d",
		int(y.next), len(y.truth), len(y.in.Claims), len(inv.Devices), took.Round(time.Millisecond), score.joined, score.precision(), score.recall(), float64(right)/float64(asked), asked)
	if score.missing > 0 {
		t.Errorf("%d endpoints are no device's: %v", score.missing, score.lost)
	}
	if score.joined < 100 || score.precision() < 0.999 || score.recall() < 0.999 {
		t.Errorf("precision %.5f, recall %.5f of %d joins\nwrong: %v\nmissed: %v", score.precision(), score.recall(), score.joined, score.wrong, score.missed)
	}
	if float64(right) < 0.999*float64(asked) {
		t.Errorf("who had an address: right %d of %d", right, asked)
	}
}

func (y *year) owns(d *inventory.Device, h *holding) bool {
	for _, e := range d.Endpoints {
		if who, ok := y.truth[endpointKey{e.Realm, e.MAC, e.Addr, e.Part}]; ok && who == h.who {
			return true
		}
	}
	return false
}

// joinScore counts pairs of endpoints.
type joinScore struct {
	joined, right, true int // pairs: joined, of these of one machine, of one machine in all
	missing             int
	wrong, missed, lost map[string]int // by what the machines are
}

func (s *joinScore) precision() float64 { return float64(s.right) / float64(max(s.joined, 1)) }
func (s *joinScore) recall() float64    { return float64(s.right) / float64(max(s.true, 1)) }

func (y *year) judge(device map[endpointKey]string) joinScore {
	s := joinScore{wrong: map[string]int{}, missed: map[string]int{}, lost: map[string]int{}}
	byDevice, byThing := map[string][]thing{}, map[thing][]string{}
	for k, who := range y.truth {
		id, ok := device[k]
		if !ok {
			s.missing++
			s.lost[y.named[who]]++
			continue
		}
		byDevice[id] = append(byDevice[id], who)
		byThing[who] = append(byThing[who], id)
	}
	for _, things := range byDevice {
		for i := range things {
			for _, other := range things[i+1:] {
				s.joined++
				if things[i] == other {
					s.right++
				} else {
					s.wrong[y.named[things[i]]+" with "+y.named[other]]++
				}
			}
		}
	}
	for who, ids := range byThing {
		for i := range ids {
			for _, other := range ids[i+1:] {
				s.true++
				if ids[i] != other {
					s.missed[y.named[who]]++
				}
			}
		}
	}
	return s
}

// TestYearInAnyOrder shuffles what arrived: the same devices come out.
func TestYearInAnyOrder(t *testing.T) {
	y := newYear(2, 400)
	want := identities(inventory.Resolve(&y.in, set(t)))
	for range 3 {
		y.r.Shuffle(len(y.in.Claims), func(i, j int) { y.in.Claims[i], y.in.Claims[j] = y.in.Claims[j], y.in.Claims[i] })
		y.r.Shuffle(len(y.in.Sightings), func(i, j int) {
			y.in.Sightings[i], y.in.Sightings[j] = y.in.Sightings[j], y.in.Sightings[i]
		})
		if diff := cmp.Diff(want, identities(inventory.Resolve(&y.in, set(t)))); diff != "" {
			t.Fatalf("another order (-want +got):\n%s", diff)
		}
	}
}

// BenchmarkResolveYear concludes 20,000 devices from a year's claims, and tells memory a device.
func BenchmarkResolveYear(b *testing.B) {
	y, s := newYear(1, 20_000), set(b)
	inventory.Resolve(&y.in, s) // the memory of what texts mean is filled once in a hub's life
	b.ReportMetric(float64(len(y.in.Claims)), "claims")
	for b.Loop() {
		inventory.Resolve(&y.in, s)
	}
}
