package inventory_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/hub/inventory/knowledge"
	"github.com/wardscope/wardscope/internal/model"
)

// open is a network without declarations: private addresses are own, the rest outside.
type open struct{}

func (open) Class(a model.Addr) inventory.Class {
	if ip := a.Netip(); ip.IsPrivate() || ip.IsLinkLocalUnicast() {
		return inventory.Own
	}
	return inventory.External
}
func (open) SiteOf(model.Realm, model.Addr) model.SiteID               { return "" }
func (open) Place(model.SiteID, inventory.Whereabouts) inventory.Place { return inventory.Place{} }

var day = time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC).UnixNano()

func ip(t testing.TB, s string) model.Addr {
	t.Helper()
	if s == "" {
		return model.Addr{}
	}
	a, err := model.ParseAddr(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func mac(t testing.TB, s string) model.MAC {
	t.Helper()
	if s == "" {
		return 0
	}
	m, err := model.ParseMAC(s)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// world reads a small text: one line a claim, sighting or usage.
//
//	bind   SITE MAC IP [MINUTE]
//	sent   SITE MAC|- IP [MINUTE]
//	claim  SITE MAC|- IP|- KIND SOURCE VALUE…
//	part   SITE MAC IP PART KIND SOURCE VALUE…
//	offers SITE IP SERVICE
//	uses   SITE IP SERVICE
func world(t testing.TB, text string) *inventory.Input {
	t.Helper()
	in := &inventory.Input{Places: open{}, Now: day, Vendor: func(m model.MAC) (string, bool) {
		v, ok := map[model.MAC]string{0x001907: "Cisco Systems, Inc", 0x0003b1: "Hospira Inc.", 0x00095c: "Philips Medical Systems", 0x000c29: "VMware, Inc.",
			0x3cf011: "Intel Corporate"}[m>>24]
		return v, ok
	}}
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) == 0 {
			continue
		}
		for i := range f {
			if f[i] == "-" {
				f[i] = ""
			}
		}
		site := model.SiteID(f[1])
		at := func(i int) int64 {
			if len(f) <= i {
				return day
			}
			var minute int64
			if _, err := fmt.Sscan(f[i], &minute); err != nil {
				t.Fatal(err)
			}
			return day + minute*int64(time.Minute)
		}
		c := inventory.Claim{Site: site, Sensors: []model.SensorID{model.SensorID("sensor-" + f[1])}, VLANs: []uint16{10}, Count: 1}
		switch f[0] {
		case "bind":
			c.Kind, c.Source, c.Value = model.KindAddressBinding, "arp.sender", f[3]
			c.Subject, c.First, c.Last = model.Subject{Addr: ip(t, f[3]), MAC: mac(t, f[2])}, at(4), at(4)
			in.Claims = append(in.Claims, c)
		case "sent":
			in.Sightings = append(in.Sightings, inventory.Sighting{Site: site, VLAN: 10, MAC: mac(t, f[2]), Addr: ip(t, f[3]), Packets: 5, First: at(4), Last: at(4)})
		case "claim", "part":
			c.Subject, c.First, c.Last = model.Subject{Addr: ip(t, f[3]), MAC: mac(t, f[2])}, day, day
			if f[0] == "part" {
				c.Subject.Part = f[4]
				f = slices.Delete(f, 4, 5)
			}
			c.Kind, c.Source, c.Value = kind(t, f[4]), f[5], strings.Join(f[6:], " ")
			in.Claims = append(in.Claims, c)
		case "offers", "uses":
			in.Usages = append(in.Usages, inventory.Usage{Site: site, Addr: ip(t, f[2]), Service: f[3], Offers: f[0] == "offers", First: day, Last: day, Count: 1})
		default:
			t.Fatalf("unknown line %q", line)
		}
	}
	return in
}

func kind(t testing.TB, name string) model.Kind {
	t.Helper()
	for k := model.KindHostname; k <= model.KindStack; k++ {
		if k.String() == name {
			return k
		}
	}
	t.Fatalf("no kind %q", name)
	return 0
}

func set(t testing.TB) *knowledge.Set {
	t.Helper()
	s, err := knowledge.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// identities lists devices as "realm: macs / addresses", sorted.
func identities(inv *inventory.Inventory) []string {
	var out []string
	for _, d := range inv.Devices {
		var m, a []string
		for _, x := range d.MACs {
			m = append(m, x.String()[9:])
		}
		for _, x := range d.Addrs {
			a = append(a, x.String())
		}
		slices.Sort(a)
		line := fmt.Sprintf("%s: %s / %s", d.Realm, strings.Join(m, ","), strings.Join(a, ","))
		if d.Part != "" {
			line += " part " + d.Part
		}
		if d.BehindRouter {
			line += " behind"
		}
		if d.Router {
			line += " router"
		}
		out = append(out, line)
	}
	slices.Sort(out)
	return out
}

func TestIdentity(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"a host by ARP", "bind a 00:03:b1:00:00:01 10.0.0.5\nsent a 00:03:b1:00:00:01 10.0.0.5",
			[]string{"a: 00:00:01 / 10.0.0.5"}},
		{"a lease that changes is one device", "bind a 00:03:b1:00:00:01 10.0.0.5 0\nbind a 00:03:b1:00:00:01 10.0.0.6 90",
			[]string{"a: 00:00:01 / 10.0.0.5,10.0.0.6"}},
		{"a lease that moves to another device", "bind a 00:03:b1:00:00:01 10.0.0.5 0\nbind a 00:03:b1:00:00:02 10.0.0.5 90",
			[]string{"a: 00:00:01 / 10.0.0.5", "a: 00:00:02 / 10.0.0.5"}},
		{"one address in two realms is two devices", "bind a 00:03:b1:00:00:01 10.0.0.5\nbind b 00:03:b1:00:00:02 10.0.0.5",
			[]string{"a: 00:00:01 / 10.0.0.5", "b: 00:00:02 / 10.0.0.5"}},
		{"hosts behind a router are devices of their own",
			"bind a 00:03:b1:00:00:09 10.0.0.1\nsent a 00:03:b1:00:00:09 10.1.0.7\nsent a 00:03:b1:00:00:09 10.2.0.8\nsent a 00:03:b1:00:00:09 8.8.8.8",
			[]string{"a: / 10.1.0.7 behind", "a: / 10.2.0.8 behind", "a: 00:00:09 / 10.0.0.1 router"}},
		{"a router whose own address is never seen",
			"sent a 00:03:b1:00:00:09 10.1.0.7\nsent a 00:03:b1:00:00:09 10.2.0.8",
			[]string{"a: / 10.1.0.7 behind", "a: / 10.2.0.8 behind", "a: 00:00:09 / router"}},
		{"a home gateway that answers DNS", "bind a 00:03:b1:00:00:01 192.168.1.5\nsent a 00:03:b1:00:00:09 192.168.1.1\nsent a 00:03:b1:00:00:09 8.8.8.8\nsent a 00:03:b1:00:00:09 9.9.9.9",
			[]string{"a: 00:00:01 / 192.168.1.5", "a: 00:00:09 / 192.168.1.1 router"}},
		{"a server behind a gateway beside the internet", "bind a 00:03:b1:00:00:01 192.168.1.5\nsent a 00:03:b1:00:00:09 10.9.9.9\nsent a 00:03:b1:00:00:09 8.8.8.8",
			[]string{"a: / 10.9.9.9 behind", "a: 00:00:01 / 192.168.1.5", "a: 00:00:09 / router"}},
		{"seen behind a router there and on its segment here", "bind a 00:03:b1:00:00:01 10.0.0.5\nsent a 00:03:b1:00:00:09 10.0.0.5\nsent a 00:03:b1:00:00:09 10.7.0.1\nsent a 00:03:b1:00:00:09 10.8.0.1",
			[]string{"a: / 10.7.0.1 behind", "a: / 10.8.0.1 behind", "a: 00:00:01 / 10.0.0.5", "a: 00:00:09 / router"}},
		{"dual stack", "bind a 00:03:b1:00:00:01 10.0.0.5\nsent a 00:03:b1:00:00:01 fe80::203:b1ff:fe00:1\nsent a 00:03:b1:00:00:01 fd00::203:b1ff:fe00:1",
			[]string{"a: 00:00:01 / 10.0.0.5,fd00::203:b1ff:fe00:1,fe80::203:b1ff:fe00:1"}},
		{"a redundancy address belongs to nobody", "bind a 00:00:5e:00:01:01 10.0.0.254\nsent a 00:00:5e:00:01:01 10.3.0.4\nbind a 00:03:b1:00:00:01 10.0.0.5",
			[]string{"a: / 10.3.0.4 behind", "a: 00:00:01 / 10.0.0.5"}},
		{"proxy ARP takes nothing away", "bind a 00:03:b1:00:00:01 10.0.0.5\nsent a 00:03:b1:00:00:01 10.0.0.5\nbind a 00:03:b1:00:00:09 10.0.0.5\nbind a 00:03:b1:00:00:09 10.0.0.1",
			[]string{"a: 00:00:01 / 10.0.0.5", "a: 00:00:09 / 10.0.0.1"}},
		{"no link address at all", "sent a - 10.0.0.5\nsent a - 10.0.0.6\nsent a - 8.8.8.8",
			[]string{"a: / 10.0.0.5 behind", "a: / 10.0.0.6 behind"}},
		{"a name server's word makes no device", "claim a - 10.0.0.77 hostname dns.answer ghost",
			nil},
		{"equipment behind a gateway", "bind a 00:03:b1:00:00:01 10.0.0.5\npart a 00:03:b1:00:00:01 10.0.0.5 bacnet:3:17 model bacnet.model_name VAV-17",
			[]string{"a:  /  part bacnet:3:17", "a: 00:00:01 / 10.0.0.5"}},
		{"two adapters, one serial number and name", "claim a 00:03:b1:00:00:01 10.0.0.5 serial lldp.med_serial SN778812\nclaim a 00:03:b1:00:00:01 10.0.0.5 hostname dhcp.option12 cart-7\n" +
			"claim a 00:03:b1:00:00:02 10.0.1.5 serial lldp.med_serial SN778812\nclaim a 00:03:b1:00:00:02 10.0.1.5 hostname dhcp.option12 cart-7",
			[]string{"a: 00:00:01,00:00:02 / 10.0.0.5,10.0.1.5"}},
		{"one serial number alone joins nothing", "claim a 00:03:b1:00:00:01 10.0.0.5 serial lldp.med_serial SN778812\nclaim a 00:03:b1:00:00:02 10.0.1.5 serial lldp.med_serial SN778812",
			[]string{"a: 00:00:01 / 10.0.0.5", "a: 00:00:02 / 10.0.1.5"}},
		{"a cloned image joins nothing", strings.Join([]string{
			"claim a 00:03:b1:00:00:01 10.0.0.5 identifier dhcpv6.client_duid 000100011c39cf88080027fe8f95", "claim a 00:03:b1:00:00:01 10.0.0.5 hostname dhcp.option12 cart",
			"claim a 00:03:b1:00:00:02 10.0.0.6 identifier dhcpv6.client_duid 000100011c39cf88080027fe8f95", "claim a 00:03:b1:00:00:02 10.0.0.6 hostname dhcp.option12 cart",
			"claim a 00:03:b1:00:00:03 10.0.0.7 identifier dhcpv6.client_duid 000100011c39cf88080027fe8f95", "claim a 00:03:b1:00:00:03 10.0.0.7 hostname dhcp.option12 cart"}, "\n"),
			[]string{"a: 00:00:01 / 10.0.0.5", "a: 00:00:02 / 10.0.0.6", "a: 00:00:03 / 10.0.0.7"}},
		{"a router's maker and one address of elsewhere", "sent a 00:03:b1:00:00:01 192.168.1.5\nsent a 00:19:07:00:00:09 10.9.9.9",
			[]string{"a: / 10.9.9.9 behind", "a: 00:00:01 / 192.168.1.5", "a: 00:00:09 /"}},
		{"a router's maker and one address among neighbours", "sent a 00:03:b1:00:00:01 192.168.1.5\nsent a 00:19:07:00:00:09 192.168.1.1",
			[]string{"a: 00:00:01 / 192.168.1.5", "a: 00:00:09 / 192.168.1.1"}},
		{"a router's maker and an address that says it is somebody else's", "sent a 00:03:b1:00:00:01 192.168.1.5\nclaim a 00:19:07:00:00:09 192.168.1.9 vendor enip.list_identity Rockwell Automation",
			[]string{"a: / 192.168.1.9 behind", "a: 00:00:01 / 192.168.1.5", "a: 00:00:09 /"}},
		{"two addresses of one segment with a fresh TTL", "claim a 00:03:b1:00:00:09 10.4.0.4 stack ip.ttl 128\nclaim a 00:03:b1:00:00:09 10.4.0.5 stack ip.ttl 128",
			[]string{"a: 00:00:09 / 10.4.0.4,10.4.0.5"}},
		{"many addresses behind one rewritten link address", "claim a 00:03:b1:00:00:09 10.4.0.4 stack ip.ttl 64\nclaim a 00:03:b1:00:00:09 10.4.0.5 stack ip.ttl 64\nclaim a 00:03:b1:00:00:09 10.4.0.6 stack ip.ttl 64",
			[]string{"a: / 10.4.0.4 behind", "a: / 10.4.0.5 behind", "a: / 10.4.0.6 behind", "a: 00:00:09 / router"}},
		{"ports of a switch that names itself", "claim a 00:0e:8c:00:00:01 0.0.0.0 identifier lldp.profinet_mac 00:0e:8c:00:00:05\nclaim a 00:0e:8c:00:00:02 0.0.0.0 identifier lldp.profinet_mac 00:0e:8c:00:00:05\nbind a 00:0e:8c:00:00:05 10.0.0.5",
			[]string{"a: 00:00:01,00:00:02,00:00:05 / 10.0.0.5"}},
		{"ports that name another maker's address", "claim a 00:0e:8c:00:00:01 0.0.0.0 identifier lldp.chassis_id 00:03:b1:00:00:05\nbind a 00:03:b1:00:00:05 10.0.0.5",
			[]string{"a: 00:00:01 /", "a: 00:00:05 / 10.0.0.5"}},
		{"two adapters of one block send from one address", "bind a 00:0e:8c:00:00:20 10.0.0.5\nsent a 00:0e:8c:00:00:20 10.0.0.5\nsent a 00:0e:8c:00:00:25 10.0.0.5",
			[]string{"a: 00:00:20,00:00:25 / 10.0.0.5"}},
		{"a public station on the segment", "claim a 00:03:b1:00:00:09 8.8.8.8 stack ip.ttl 64", []string{"a: 00:00:09 / 8.8.8.8"}},
		{"a public address from afar", "claim a 00:03:b1:00:00:09 8.8.8.8 stack ip.ttl 53", []string{"a: 00:00:09 / router"}},
		{"a TTL that lost a hop", "claim a 00:03:b1:00:00:09 10.4.0.4 stack ip.ttl 63",
			[]string{"a: / 10.4.0.4 behind", "a: 00:00:09 / router"}},
		{"a computer that translates for guests inside it", "claim a 3c:f0:11:00:00:09 10.4.0.4 stack ip.ttl 63", []string{"a: 00:00:09 / 10.4.0.4"}},
		{"a computer that forwards for two", "claim a 3c:f0:11:00:00:09 10.4.0.4 stack ip.ttl 63\nclaim a 3c:f0:11:00:00:09 10.4.0.5 stack ip.ttl 63",
			[]string{"a: / 10.4.0.4 behind", "a: / 10.4.0.5 behind", "a: 00:00:09 / router"}},
		{"a computer's one address that lost two hops", "claim a 3c:f0:11:00:00:09 10.4.0.4 stack ip.ttl 62", []string{"a: / 10.4.0.4 behind", "a: 00:00:09 / router"}},
		{"a public address that sends its log here", "claim a 00:03:b1:00:00:09 8.8.8.8 hostname syslog.hostname branch-fw\nclaim a 00:03:b1:00:00:09 8.8.8.8 stack ip.ttl 51",
			[]string{"a: / 8.8.8.8 behind", "a: 00:00:09 / router"}},
		{"a flood of senders of logs makes no device", flood(300), []string{"a: 00:00:09 / router"}},
		{"what reports of itself alone, and of its adapter's maker, is no gateway", "bind a 00:03:b1:00:00:01 10.0.0.5\npart a 00:03:b1:00:00:01 10.0.0.5 hl7:SN-118822 identifier hl7.OBX-18.3 Plum A+",
			[]string{"a: 00:00:01 / 10.0.0.5"}},
		{"what reports of another maker's equipment is a gateway", "bind a 00:09:5c:00:00:01 10.0.0.5\npart a 00:09:5c:00:00:01 10.0.0.5 hl7:SN-118822 identifier hl7.OBX-18.3 Plum A+",
			[]string{"a: / part hl7:SN-118822", "a: 00:00:01 / 10.0.0.5"}},
		{"what reports of two is a gateway", "bind a 00:03:b1:00:00:01 10.0.0.5\npart a 00:03:b1:00:00:01 10.0.0.5 hl7:SN-118822 identifier hl7.OBX-18.3 Plum A+\npart a 00:03:b1:00:00:01 10.0.0.5 hl7:SN-118823 identifier hl7.OBX-18.3 Plum A+",
			[]string{"a: / part hl7:SN-118822", "a: / part hl7:SN-118823", "a: 00:00:01 / 10.0.0.5"}},
		{"cable and radio with one mDNS name and model", mdns("3c:f0:11:00:00:01", "10.0.0.5") + mdns("00:03:b1:00:00:02", "10.0.0.6"), []string{"a: 00:00:02,00:00:01 / 10.0.0.5,10.0.0.6"}},
		{"two machines of one series with one mDNS name", mdns("00:03:b1:00:00:01", "10.0.0.5") + mdns("00:03:b1:00:00:02", "10.0.0.6"), []string{"a: 00:00:01 / 10.0.0.5", "a: 00:00:02 / 10.0.0.6"}},
		{"two telephones of one name with made-up link addresses", mdns("02:03:b1:00:00:01", "10.0.0.5") + mdns("06:03:b1:00:00:02", "10.0.0.6"), []string{"a: 00:00:01 / 10.0.0.5", "a: 00:00:02 / 10.0.0.6"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			inv := inventory.Resolve(world(t, c.text), set(t))
			if diff := cmp.Diff(trim(c.want), trim(identities(inv))); diff != "" {
				t.Errorf("devices (-want +got):\n%s", diff)
			}
		})
	}
}

// mdns is a machine that says its name and model by mDNS.
func mdns(link, addr string) string {
	return "claim a " + link + " " + addr + " hostname mdns.address cart-7.local\nclaim a " + link + " " + addr + " model mdns.txt_model Cart9,1\n"
}

// flood is log messages of n senders through one router.
func flood(n int) string {
	var out strings.Builder
	for i := range n {
		fmt.Fprintf(&out, "claim a 00:03:b1:00:00:09 8.8.%d.%d hostname syslog.hostname host\n", i/250, i%250+1)
	}
	return out.String()
}

// trim evens out blanks where there is no address.
func trim(lines []string) []string {
	var out []string
	for _, l := range lines {
		out = append(out, strings.Join(strings.Fields(l), " "))
	}
	return out
}

const ward = `
bind a 00:03:b1:00:00:01 10.0.0.5 0
bind a 00:03:b1:00:00:01 10.0.0.6 90
bind a 00:03:b1:00:00:02 10.0.0.5 95
sent a 00:03:b1:00:00:09 10.1.0.7
sent a 00:03:b1:00:00:09 10.2.0.8
sent a 00:03:b1:00:00:09 8.8.8.8
sent b - 10.0.0.5
sent b 00:09:5c:00:00:01 10.0.0.9
claim a 00:03:b1:00:00:01 10.0.0.6 model hl7.prt16 Hospira Plum A+
claim a 00:03:b1:00:00:01 10.0.0.6 hostname dhcp.option12 pump-0017
claim a 00:03:b1:00:00:01 10.0.0.6 hostname nbns.name PUMP-0017
claim a - 10.1.0.7 hostname dns.answer pacs.hospital.example
claim a 00:03:b1:00:00:09 10.1.0.7 os smb.native_os Windows 5.1
claim a 00:03:b1:00:00:09 10.1.0.7 software http.server Microsoft-IIS/5.1
claim b 00:09:5c:00:00:01 10.0.0.9 os ntlmssp.version 6.1.7601
claim b 00:09:5c:00:00:01 10.0.0.9 os http.user_agent Windows
offers a 10.1.0.7 dicom
uses b 10.0.0.9 dicom
`

func TestOrderOfArrivalDoesNotMatter(t *testing.T) {
	s := set(t)
	want := inventory.Resolve(world(t, ward), s)
	random := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		in := world(t, ward)
		random.Shuffle(len(in.Claims), func(i, j int) { in.Claims[i], in.Claims[j] = in.Claims[j], in.Claims[i] })
		random.Shuffle(len(in.Sightings), func(i, j int) { in.Sightings[i], in.Sightings[j] = in.Sightings[j], in.Sightings[i] })
		random.Shuffle(len(in.Usages), func(i, j int) { in.Usages[i], in.Usages[j] = in.Usages[j], in.Usages[i] })
		got := inventory.Resolve(in, s)
		if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(inventory.Inventory{}), cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("another order gives other devices (-want +got):\n%s", diff)
		}
	}
}

func TestAttributes(t *testing.T) {
	inv := inventory.Resolve(world(t, ward), set(t))
	pump := inv.At("a", ip(t, "10.0.0.6"), 0, day)
	if pump == nil {
		t.Fatal("no pump")
	}
	if diff := cmp.Diff([]string{"pump-0017", "ICU Medical", "Hospira Plum A+", "infusion-pump", "medical", "pump-0017"},
		[]string{strings.ToLower(pump.Hostname), pump.Vendor, pump.Model, pump.Type, pump.Category, strings.ToLower(pump.Name)}); diff != "" {
		t.Errorf("pump (-want +got):\n%s", diff)
	}
	host := pump.Attribute("hostname")
	if len(host.Evidence) != 2 || host.Confidence < 0.95 || len(host.Conflicts) != 0 {
		t.Errorf("hostname: got %+v, want two agreeing claims", host)
	}
	if e := pump.Attribute("vendor").Evidence; len(e) < 2 || e[0].Source != "hl7.prt16" || e[0].Rule == "" {
		t.Errorf("vendor evidence: got %+v, want the model first and the link address too", e)
	}
	for _, a := range pump.Attributes {
		if a.Confidence <= 0 || a.Confidence >= 1 || len(a.Evidence) == 0 {
			t.Errorf("%s: confidence %v on %d pieces of evidence", a.Name, a.Confidence, len(a.Evidence))
		}
	}
	pacs := inv.At("a", ip(t, "10.1.0.7"), 0, day)
	if got := fmt.Sprint(pacs.OS, " ", pacs.Support, " ", pacs.SupportUntil, " ", pacs.Type, " ", pacs.BehindRouter, " ", pacs.Services); got != "Windows XP ended 2014-04-08 pacs true [dicom]" {
		t.Errorf("pacs: got %s", got)
	}
	station := inv.At("b", ip(t, "10.0.0.9"), 0, day)
	if station.OS != "Windows 7 / Windows Server 2008 R2" || len(station.Attribute("os").Conflicts) != 0 {
		t.Errorf("station: got %q with conflicts %v", station.OS, station.Attribute("os").Conflicts)
	}
	router := inv.At("a", model.Addr{}, mac(t, "00:03:b1:00:00:09"), day)
	if router == nil || router.Type != "router" || !router.Router {
		t.Errorf("router: got %+v", router)
	}
}

func TestContradictionIsShown(t *testing.T) {
	inv := inventory.Resolve(world(t, `
claim a 00:0c:29:00:00:01 10.0.0.5 hostname dhcp.option12 alpha
claim a 00:0c:29:00:00:01 10.0.0.5 hostname dns.answer beta
claim a 00:0c:29:00:00:01 10.0.0.5 role lldp.capabilities telephone
claim a 00:0c:29:00:00:01 10.0.0.5 role x.role printer
claim a 00:0c:29:00:00:01 10.0.0.5 role y.role printer
`), set(t))
	d := &inv.Devices[0]
	h := d.Attribute("hostname")
	if h.Value != "alpha" || !slices.Equal(h.Conflicts, []string{"beta"}) || h.Confidence >= 0.96 {
		t.Errorf("hostname: got %+v, want alpha, less sure, with beta beside it", h)
	}
	if d.Vendor != "" {
		t.Errorf("vendor: got %q from a virtual adapter", d.Vendor)
	}
	if d.Type != "printer" || !slices.Contains(d.Attribute("type").Conflicts, "ip-phone") {
		t.Errorf("type: got %+v", d.Attribute("type"))
	}
}

func TestFindAddress(t *testing.T) {
	inv := inventory.Resolve(world(t, ward), set(t))
	var got []string
	for _, b := range inv.FindAddress(ip(t, "10.0.0.5"), 0) {
		got = append(got, string(b.Realm)+" "+b.MAC.String())
	}
	slices.Sort(got)
	if diff := cmp.Diff([]string{"a 00:03:b1:00:00:01", "a 00:03:b1:00:00:02", "b "}, got); diff != "" {
		t.Errorf("who had 10.0.0.5 (-want +got):\n%s", diff)
	}
	later := inv.FindAddress(ip(t, "10.0.0.5"), day+int64(95*time.Minute))
	if i := slices.IndexFunc(later, func(b inventory.Binding) bool { return b.Realm == "a" }); i < 0 || later[i].MAC != mac(t, "00:03:b1:00:00:02") {
		t.Errorf("after the lease moved: got %+v", later)
	}
	if bs := inv.FindMAC(mac(t, "00:03:b1:00:00:01")); len(bs) != 1 {
		t.Errorf("by link address: got %+v", bs)
	}
	if bs := inv.FindAddress(ip(t, "192.0.2.1"), 0); bs != nil {
		t.Errorf("an address nobody had: got %+v", bs)
	}
}

func TestIdentityIsStable(t *testing.T) {
	a := inventory.Resolve(world(t, "bind a 00:03:b1:00:00:01 10.0.0.5"), set(t))
	b := inventory.Resolve(world(t, "bind a 00:03:b1:00:00:01 10.0.0.9\nclaim a 00:03:b1:00:00:01 10.0.0.9 hostname dhcp.option12 x7"), set(t))
	if a.Devices[0].ID != b.Devices[0].ID {
		t.Errorf("a new lease and a name changed the id: %s, %s", a.Devices[0].ID, b.Devices[0].ID)
	}
	if got := a.Devices[0].ID; got != "d-"+got[2:] || len(got) != 15 {
		t.Errorf("id %q: want d- and 13 letters", got)
	}
}

// fleet is n devices with an ARP claim, a lease, names and banners each.
func fleet(n int) *inventory.Input {
	in := &inventory.Input{Places: open{}, Now: day, Vendor: func(model.MAC) (string, bool) { return "Hospira Inc.", true }}
	for i := range n {
		sub := model.Subject{Addr: model.AddrFrom4([]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), MAC: model.MAC(0x0003b1000000 + i)}
		for j, c := range []inventory.Claim{
			{Kind: model.KindAddressBinding, Source: "arp.sender", Value: sub.Addr.String()},
			{Kind: model.KindHostname, Source: "dhcp.option12", Value: fmt.Sprintf("pump-%05d", i)},
			{Kind: model.KindHostname, Source: "nbns.name", Value: fmt.Sprintf("PUMP-%05d", i)},
			{Kind: model.KindFingerprint, Source: "dhcp.option60", Value: "udhcp 1.22.1"},
			{Kind: model.KindFingerprint, Source: "dhcp.option55", Value: "1,3,6,12,15,28,42"},
			{Kind: model.KindModel, Source: "hl7.prt16", Value: "Hospira Plum A+"},
			{Kind: model.KindSerial, Source: "hl7.prt18", Value: fmt.Sprintf("SN%07d", i)},
			{Kind: model.KindSoftware, Source: "http.user_agent", Value: "MedNet/5.8"},
			{Kind: model.KindBanner, Source: "ftp.greeting", Value: "220 Nucleus FTP Server (Version 1.7) ready."},
			{Kind: model.KindOS, Source: "x.os", Value: "Linux"},
		} {
			c.Site, c.Subject, c.First, c.Last, c.Count = "a", sub, day+int64(j), day+int64(j), 1
			c.Sensors, c.VLANs = []model.SensorID{"s"}, []uint16{10}
			in.Claims = append(in.Claims, c)
		}
		in.Sightings = append(in.Sightings, inventory.Sighting{Site: "a", Addr: sub.Addr, MAC: sub.MAC, Packets: 9, First: day, Last: day})
		in.Usages = append(in.Usages, inventory.Usage{Site: "a", Addr: sub.Addr, Service: "hl7", First: day, Last: day, Count: 3})
	}
	return in
}

func BenchmarkResolve20000(b *testing.B) {
	in, s := fleet(20_000), set(b)
	for b.Loop() {
		if inv := inventory.Resolve(in, s); len(inv.Devices) != 20_000 {
			b.Fatalf("got %d devices", len(inv.Devices))
		}
	}
}

// rooms declares where things are by what a switch says.
type rooms struct{ open }

func (rooms) Place(_ model.SiteID, at inventory.Whereabouts) inventory.Place {
	if len(at.Ports) == 0 {
		return inventory.Place{Building: "A", BuildingBy: "VLAN 10"}
	}
	return inventory.Place{Department: "icu", Building: "B", DepartmentBy: at.Ports[0], BuildingBy: at.Ports[0]}
}

// TestPlacesRestOnClaims shows what a department and a building were told by.
func TestPlacesRestOnClaims(t *testing.T) {
	in := world(t, `
		bind  a 00:03:b1:00:00:01 10.0.0.1
		claim a 00:03:b1:00:00:01 - location radius.nas_port access server sw-icu-2, port 7
		bind  a 00:03:b1:00:00:02 10.0.0.2
	`)
	in.Places = rooms{}
	inv := inventory.Resolve(in, set(t))
	for a, want := range map[string]string{"10.0.0.1": "icu icu B radius.nas_port access server sw-icu-2, port 7 [sensor-a]", "10.0.0.2": "  A sites VLAN 10 []"} {
		d := inv.At("a", ip(t, a), 0, day)
		department := ""
		if v := d.Attribute(inventory.AttrDepartment); v != nil {
			department = v.Value
		}
		e := d.Attribute(inventory.AttrBuilding).Evidence[0]
		if got := fmt.Sprint(d.Department, " ", department, " ", d.Field("building")[0], " ", e.Source, " ", e.Value, " ", e.Sensors); got != want {
			t.Errorf("%s: got %q, want %q", a, got, want)
		}
	}
}
