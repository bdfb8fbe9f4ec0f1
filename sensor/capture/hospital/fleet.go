package hospital

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wardscope/wardscope/sensor/capture/hospital/office"
	"github.com/wardscope/wardscope/sensor/capture/hospital/wire"
)

// device is one machine of the health system, or a host outside of it.
type device struct {
	name, site string
	word       string // of the catalogue
	kind       *kind
	product    product
	system     *system
	mac        wire.MAC
	ip         wire.IP
	vlan       uint16
	serial     string
	instance   uint32 // BACnet
	external   bool
	country    string // of an external peer, for the truth
	group      bool   // multicast or broadcast address
	public     wire.IP
}

// hospital is one site with its devices.
type hospital struct {
	Site
	index  int
	prefix [4]byte
	core   wire.MAC // gateway of all its networks
	edge   wire.MAC // router to other sites and the internet
	all    []*device
	byWord map[string][]*device
}

// health is the whole health system; it is the same for each site's generator.
type health struct {
	scenario Scenario
	seed     uint64
	sites    []*hospital
	records  *device // hosted records system of the partner
	outside  map[string]*device
}

// first returns the site's n-th device of a word, counting round; nil when it has none.
func (h *hospital) nth(word string, n int) *device {
	list := h.byWord[word]
	if len(list) == 0 {
		return nil
	}
	return list[n%len(list)]
}

func newHealth(s Scenario, seed uint64) (*health, error) {
	h := &health{scenario: s, seed: seed, outside: outsidePeers()}
	if s.Partner != "" {
		p, err := network(s.Partner, 24)
		if err != nil {
			return nil, fmt.Errorf("partner: %w", err)
		}
		p[3] = 20
		h.records = &device{name: "records.partner.example", ip: p, external: true, country: "", system: linux}
	}
	for i := range s.Sites {
		site, err := h.build(i)
		if err != nil {
			return nil, fmt.Errorf("site %s: %w", s.Sites[i].ID, err)
		}
		h.sites = append(h.sites, site)
	}
	return h, nil
}

func (h *health) site(id string) *hospital {
	i := slices.IndexFunc(h.sites, func(t *hospital) bool { return t.ID == id })
	if i < 0 {
		return nil
	}
	return h.sites[i]
}

func (h *health) build(index int) (*hospital, error) {
	t := &hospital{Site: h.scenario.Sites[index], index: index, byWord: map[string][]*device{}}
	prefix, err := network(t.Prefix, 16)
	if err != nil {
		return nil, err
	}
	t.prefix = prefix
	t.core = wire.MAC{0x00, 0x1b, 0x54, 0xc0, byte(index), 0x01}
	t.edge = wire.MAC{0x00, 0x1b, 0x54, 0xed, byte(index), 0x01}
	next := map[byte]int{}
	for _, word := range words() {
		k := catalogue[word]
		count := t.Devices[word]
		if count > 1 {
			count = max(1, int(float64(count)*h.scenario.Scale+0.5))
		}
		for n := range count {
			d, err := t.place(h.seed, word, k, n, next)
			if err != nil {
				return nil, err
			}
			t.all = append(t.all, d)
			t.byWord[word] = append(t.byWord[word], d)
		}
	}
	t.prepare()
	return t, nil
}

// words lists the catalogue's words in a fixed order.
func words() []string {
	var out []string
	for w := range catalogue {
		out = append(out, w)
	}
	slices.Sort(out)
	return out
}

const hostsPerBlock = 220

func (t *hospital) place(seed uint64, word string, k *kind, n int, next map[byte]int) (*device, error) {
	r := wire.NewRand(seed, wire.Key(t.ID), wire.Key(word), uint64(n))
	p := k.products[r.IntN(len(k.products))]
	if n < len(k.products) {
		p = k.products[n]
	}
	d := &device{site: t.ID, word: word, kind: k, product: p, system: p.system}
	slot := next[k.segment]
	next[k.segment]++
	if slot >= hostsPerBlock*int(k.span) {
		return nil, fmt.Errorf("%s: more devices than its address blocks hold", word)
	}
	block := k.segment + byte(slot/hostsPerBlock)
	host := byte(20 + slot%hostsPerBlock)
	d.ip = wire.IP{t.prefix[0], t.prefix[1], block, host}
	if k.segment == segmentPublic && t.Public != "" {
		public, err := network(t.Public, 24)
		if err != nil {
			return nil, err
		}
		public[3] = host
		d.ip = public
	}
	if t.Tagged {
		d.vlan = 100 + uint16(block)
	}
	copy(d.mac[:3], p.oui[:])
	r.Fill(d.mac[3:])
	d.serial = fmt.Sprintf("%s%06d", strings.ToUpper(t.ID[:1]), 100000+r.IntN(899999))
	d.instance = uint32(t.index+1)*100000 + uint32(slot) + 1
	d.name = fmt.Sprintf("%s-%s-%03d", strings.ToUpper(t.ID[:1]), k.prefix, n+1)
	if word == "ip-phone" {
		d.name = fmt.Sprintf("SEP%X", d.mac[:])
	}
	return d, nil
}

// windows is how a device names itself in Windows protocols.
func (h *health) windows(d *device) office.Windows {
	w := d.system.windows
	t := h.site(d.site)
	w.Host, w.DNS, w.Account = strings.ToUpper(d.name), t.Domain, "canary.user"
	w.Domain = strings.ToUpper(strings.SplitN(t.Domain, ".", 2)[0])
	w.Native = "Windows 5.1"
	if w.Major != 5 {
		w.Native = "Windows 7 Professional 7601 Service Pack 1"
	}
	return w
}

// fqdn is a device's full name.
func (h *health) fqdn(d *device) string {
	if d.external {
		return d.name
	}
	return strings.ToLower(d.name) + "." + h.site(d.site).Domain
}

func dotted(ip wire.IP) string { return fmt.Sprintf("%d.%d.%d.%d", ip[0], ip[1], ip[2], ip[3]) }

// gateway is the core switch's address in a device's network.
func gateway(d *device) wire.IP { return wire.IP{d.ip[0], d.ip[1], d.ip[2], 1} }

// groupOf makes a pseudo device of a multicast or broadcast address.
func groupOf(ip wire.IP) *device {
	d := &device{ip: ip, group: true, mac: wire.Broadcast, name: dotted(ip)}
	if ip[0] >= 224 && ip[0] < 240 {
		d.mac = wire.MulticastMAC(ip)
	}
	return d
}

// directed is the broadcast address of a device's network.
func directed(d *device) *device { return groupOf(wire.IP{d.ip[0], d.ip[1], d.ip[2], 255}) }

// outsidePeers are hosts on the internet. Their addresses are public knowledge (name servers,
// front pages of cloud providers, an address named in an advisory) so that country and network
// look-ups have something real to find; nothing is ever sent to them.
func outsidePeers() map[string]*device {
	out := map[string]*device{}
	for _, p := range []struct {
		key, name string
		ip        wire.IP
		country   string
	}{
		{"dns-google", "dns.google", wire.IP{8, 8, 8, 8}, "US"},
		{"dns-quad9", "dns.quad9.net", wire.IP{9, 9, 9, 9}, "CH"},
		{"time", "time.cloudflare.com", wire.IP{162, 159, 200, 1}, "US"},
		{"office", "outlook.office365.com", wire.IP{52, 96, 165, 18}, "US"},
		{"login", "login.microsoftonline.com", wire.IP{20, 190, 160, 14}, "IE"},
		{"update", "www.msftconnecttest.com", wire.IP{13, 107, 4, 52}, "US"},
		{"search", "www.google.com", wire.IP{142, 250, 185, 68}, "US"},
		{"code", "github.com", wire.IP{140, 82, 112, 3}, "US"},
		{"cdn", "cdn.jsdelivr.net", wire.IP{151, 101, 1, 229}, "US"},
		{"cloud", "telemetry.iot-core.example", wire.IP{52, 94, 236, 248}, "US"},
		{"emergency", "hub.emergency-response.example", wire.IP{3, 8, 37, 24}, "GB"},
		{"vendor", "remote.modality-service.example", wire.IP{54, 230, 10, 17}, "US"},
		{"camera-cloud", "dev.camera-cloud.example", wire.IP{47, 91, 74, 33}, "DE"},
		{"abroad", "time.isp-services.example", wire.IP{77, 88, 8, 8}, "RU"},
		{"beacon", "", wire.IP{202, 114, 4, 119}, "CN"}, // CISA alert on Contec CMS8000, January 2025
		{"scanner", "scanme.nmap.org", wire.IP{45, 33, 32, 156}, "US"},
		{"visitor-1", "", wire.IP{82, 132, 230, 11}, "GB"},
		{"visitor-2", "", wire.IP{73, 162, 20, 9}, "US"},
		{"visitor-3", "", wire.IP{86, 6, 40, 71}, "GB"},
	} {
		out[p.key] = &device{name: p.name, ip: p.ip, external: true, country: p.country, system: linux}
	}
	return out
}
