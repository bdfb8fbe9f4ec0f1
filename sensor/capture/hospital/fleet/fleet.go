package fleet

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wardscope/wardscope/sensor/capture/hospital/office"
	"github.com/wardscope/wardscope/sensor/capture/hospital/wire"
)

// Device is one machine of the health system, or a host outside of it.
type Device struct {
	Name, Site string
	Word       string // of the catalogue
	Kind       *Kind
	Product    Product
	System     *System
	MAC        wire.MAC
	IP         wire.IP
	VLAN       uint16
	Serial     string
	Instance   uint32 // BACnet
	External   bool
	Country    string // of an external peer, for the truth
	Group      bool   // multicast or broadcast address
}

// Hospital is one site with its devices.
type Hospital struct {
	Site
	index  int
	prefix [4]byte
	Core   wire.MAC // gateway of all its networks
	Edge   wire.MAC // router to other sites and the internet
	All    []*Device
	ByWord map[string][]*Device
}

// Health is the whole health system; it is the same for each site's generator.
type Health struct {
	Scenario Scenario
	Seed     uint64
	Sites    []*Hospital
	Records  *Device // hosted records system of the partner
	Outside  map[string]*Device
}

// Nth returns the site's n-th device of a word, counting round; nil when it has none.
func (t *Hospital) Nth(word string, n int) *Device {
	list := t.ByWord[word]
	if len(list) == 0 {
		return nil
	}
	return list[n%len(list)]
}

// New builds all sites of a scenario.
func New(s Scenario, seed uint64) (*Health, error) {
	h := &Health{Scenario: s, Seed: seed, Outside: outsidePeers()}
	if s.Partner != "" {
		p, err := network(s.Partner, 24)
		if err != nil {
			return nil, fmt.Errorf("partner: %w", err)
		}
		p[3] = 20
		h.Records = &Device{Name: "records.partner.example", IP: p, External: true, Country: "", System: Linux}
	}
	for i := range s.Sites {
		site, err := h.build(i)
		if err != nil {
			return nil, fmt.Errorf("site %s: %w", s.Sites[i].ID, err)
		}
		h.Sites = append(h.Sites, site)
	}
	return h, nil
}

// Site returns a site by its id; nil when there is none.
func (h *Health) Site(id string) *Hospital {
	i := slices.IndexFunc(h.Sites, func(t *Hospital) bool { return t.ID == id })
	if i < 0 {
		return nil
	}
	return h.Sites[i]
}

func (h *Health) build(index int) (*Hospital, error) {
	t := &Hospital{Site: h.Scenario.Sites[index], index: index, ByWord: map[string][]*Device{}}
	prefix, err := network(t.Prefix, 16)
	if err != nil {
		return nil, err
	}
	t.prefix = prefix
	t.Core = wire.MAC{0x00, 0x1b, 0x54, 0xc0, byte(index), 0x01}
	t.Edge = wire.MAC{0x00, 0x1b, 0x54, 0xed, byte(index), 0x01}
	next := map[byte]int{}
	for _, word := range Words() {
		k := Catalogue[word]
		count := t.Devices[word]
		if count > 1 {
			count = max(1, int(float64(count)*h.Scenario.Scale+0.5))
		}
		for n := range count {
			d, err := t.place(h.Seed, word, k, n, next)
			if err != nil {
				return nil, err
			}
			t.All = append(t.All, d)
			t.ByWord[word] = append(t.ByWord[word], d)
		}
	}
	return t, nil
}

// Words lists the catalogue's words in a fixed order.
func Words() []string {
	var out []string
	for w := range Catalogue {
		out = append(out, w)
	}
	slices.Sort(out)
	return out
}

const hostsPerBlock = 220

func (t *Hospital) place(seed uint64, word string, k *Kind, n int, next map[byte]int) (*Device, error) {
	r := wire.NewRand(seed, wire.Key(t.ID), wire.Key(word), uint64(n))
	p := k.products[r.IntN(len(k.products))]
	if n < len(k.products) {
		p = k.products[n]
	}
	d := &Device{Site: t.ID, Word: word, Kind: k, Product: p, System: p.System}
	slot := next[k.segment]
	next[k.segment]++
	if slot >= hostsPerBlock*int(k.span) {
		return nil, fmt.Errorf("%s: more devices than its address blocks hold", word)
	}
	block := k.segment + byte(slot/hostsPerBlock)
	host := byte(20 + slot%hostsPerBlock)
	d.IP = wire.IP{t.prefix[0], t.prefix[1], block, host}
	if k.segment == segmentPublic && t.Public != "" {
		public, err := network(t.Public, 24)
		if err != nil {
			return nil, err
		}
		public[3] = host
		d.IP = public
	}
	if t.Tagged {
		d.VLAN = 100 + uint16(block)
	}
	copy(d.MAC[:3], p.OUI[:])
	r.Fill(d.MAC[3:])
	d.Serial = fmt.Sprintf("%s%06d", strings.ToUpper(t.ID[:1]), 100000+r.IntN(899999))
	d.Instance = uint32(t.index+1)*100000 + uint32(slot) + 1
	d.Name = fmt.Sprintf("%s-%s-%03d", strings.ToUpper(t.ID[:1]), k.Prefix, n+1)
	if word == "ip-phone" {
		d.Name = fmt.Sprintf("SEP%X", d.MAC[:])
	}
	return d, nil
}

// Windows is how a device names itself in Windows protocols.
func (h *Health) Windows(d *Device) office.Windows {
	w := d.System.Windows
	t := h.Site(d.Site)
	w.Host, w.DNS, w.Account = strings.ToUpper(d.Name), t.Domain, "canary.user"
	w.Domain = strings.ToUpper(strings.SplitN(t.Domain, ".", 2)[0])
	w.Native = "Windows 5.1"
	if w.Major != 5 {
		w.Native = "Windows 7 Professional 7601 Service Pack 1"
	}
	return w
}

// FQDN is a device's full name.
func (h *Health) FQDN(d *Device) string {
	if d.External {
		return d.Name
	}
	return strings.ToLower(d.Name) + "." + h.Site(d.Site).Domain
}

// Dotted is an address in its usual form.
func Dotted(ip wire.IP) string { return fmt.Sprintf("%d.%d.%d.%d", ip[0], ip[1], ip[2], ip[3]) }

// Gateway is the core switch's address in a device's network.
func Gateway(d *Device) wire.IP { return wire.IP{d.IP[0], d.IP[1], d.IP[2], 1} }

// GroupOf makes a pseudo device of a multicast or broadcast address.
func GroupOf(ip wire.IP) *Device {
	d := &Device{IP: ip, Group: true, MAC: wire.Broadcast, Name: Dotted(ip)}
	if ip[0] >= 224 && ip[0] < 240 {
		d.MAC = wire.MulticastMAC(ip)
	}
	return d
}

// Directed is the broadcast address of a device's network.
func Directed(d *Device) *Device { return GroupOf(wire.IP{d.IP[0], d.IP[1], d.IP[2], 255}) }

// outsidePeers are hosts on the internet. Their addresses are public knowledge (name servers,
// front pages of cloud providers, an address named in an advisory) so that country and network
// look-ups have something real to find; nothing is ever sent to them.
func outsidePeers() map[string]*Device {
	out := map[string]*Device{}
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
		out[p.key] = &Device{Name: p.name, IP: p.ip, External: true, Country: p.country, System: Linux}
	}
	return out
}
