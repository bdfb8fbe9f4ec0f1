package hospital

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wardscope/wardscope/sensor/capture/hospital/fleet"
	"github.com/wardscope/wardscope/sensor/capture/hospital/office"
	"github.com/wardscope/wardscope/sensor/capture/hospital/plant"
	"github.com/wardscope/wardscope/sensor/capture/hospital/wire"
)

func (p *plan) cameras() {
	t := p.site
	recorder := t.Nth("nvr", 0)
	for _, d := range t.ByWord["camera"] {
		url := "rtsp://" + fleet.Dotted(d.IP) + "/axis-media/media.amp"
		server := "GStreamer RTSP server"
		if d.Product.Vendor == "Hikvision" {
			url, server = "rtsp://"+fleet.Dotted(d.IP)+"/Streaming/Channels/101", "Hikvision"
		}
		p.tcp("rtsp", recorder, d, 554, 9*time.Minute, func(s *wire.Script, _ occasion) {
			office.Watch(s, url, "NVR/4.30", server, 20, 1200)
		})
		p.truth.clear("rtsp", d, recorder)
		id := fmt.Sprintf("%x-0000-1000-8000-%012x", d.MAC[2:], d.MAC[:])
		scopes := fmt.Sprintf("onvif://www.onvif.org/name/%s onvif://www.onvif.org/hardware/%s onvif://www.onvif.org/type/Network_Video_Transmitter",
			strings.ReplaceAll(d.Product.Vendor, " ", "_"), strings.ReplaceAll(d.Product.Model, " ", "_"))
		p.udp("ws-discovery", d, fleet.GroupOf(wire.IP{239, 255, 255, 250}), 3702, 40*time.Minute, func(s *wire.Script, _ occasion) {
			office.HelloWSD(s, id, "dn:NetworkVideoTransmitter", scopes, "http://"+fleet.Dotted(d.IP)+"/onvif/device_service")
		})
		p.udp("ssdp", d, fleet.GroupOf(wire.IP{239, 255, 255, 250}), 1900, 30*time.Minute, func(s *wire.Script, _ occasion) {
			office.NotifySSDP(s, "http://"+fleet.Dotted(d.IP)+":49152/rootdesc1.xml", "fleet.Linux/4.14 UPnP/1.0 "+d.Product.Vendor+"/"+d.Product.Version, "urn:axis-com:service:BasicService:1", id)
		})
	}
	if d := t.Nth("camera", 1); d != nil && d.Product.Vendor == "Hikvision" {
		peer := p.health.Outside["camera-cloud"]
		cert := p.certificate(peer.Name, "Camera cloud")
		p.tcp("tls", d, peer, 443, 15*time.Minute, func(s *wire.Script, _ occasion) {
			office.TLS(s, office.Secure{Hello: office.Embedded, Name: peer.Name, Certificate: cert, Version: 0x0303, Suite: 0xc030, Exchanges: 2, Up: 400, Down: 900})
		})
	}
}

func (p *plan) voiceAndPrint() {
	t := p.site
	proxy := t.Nth("jump-host", 0)
	phones := t.ByWord["ip-phone"]
	if proxy == nil { // nobody answers calls
		phones = nil
	}
	for i, d := range phones {
		c := office.Call{Agent: "Cisco-CP8841/" + d.Product.Version, Server: "Asterisk PBX 18.20.0", Extension: fmt.Sprint(4100 + i), Phone: fleet.Dotted(d.IP), Proxy: fleet.Dotted(proxy.IP)}
		p.truth.clear("sip", proxy, d)
		p.add(habit{service: "sip", transport: wire.UDP, client: d, server: proxy, clientPort: 5060, port: 5060, every: 30 * time.Minute, write: func(s *wire.Script, _ occasion) { office.Register(s, c) }})
		g := plant.Gear{MAC: d.MAC, IP: d.IP, Name: d.Name, Description: "Cisco IP Phone 8841, " + d.Product.Version, Port: "Port 1", Model: "Cisco IP Phone 8841", Software: "sip88xx." + d.Product.Version, Phone: true, Bridge: true}
		p.always(habit{service: "cdp", transport: wire.Link, client: d, server: fleet.GroupOf(wire.BroadcastIP), write: func(s *wire.Script, c occasion) { plant.CDP(s, g, 10*time.Minute, c.fill(10*time.Minute)) }})
		if i%4 == 0 && i+1 < len(phones) {
			p.udp("rtp", d, phones[i+1], 16384+uint16(2*i), 50*time.Minute, func(s *wire.Script, _ occasion) { office.Media(s, 100+s.Rand.IntN(300)) })
		}
	}
	for i, d := range t.ByWord["printer"] {
		for j := range min(3, len(t.ByWord["workstation"])) {
			client := t.Nth("workstation", 7*i+j)
			p.tcp("ipp", client, d, 631, 45*time.Minute, func(s *wire.Script, _ occasion) { office.Print(s, fleet.Dotted(d.IP), d.Product.Model, 9000) })
		}
		p.tcp("jetdirect", t.Nth("file-server", 0), d, 9100, 40*time.Minute, func(s *wire.Script, _ occasion) { office.PrintRaw(s, d.Product.Model, 12000) })
		p.udp("mdns", d, fleet.GroupOf(wire.IP{224, 0, 0, 251}), 5353, 25*time.Minute, func(s *wire.Script, _ occasion) {
			office.AnnounceMDNS(s, d.Name, d.IP, office.Service{Type: "_ipp._tcp.local", Name: d.Product.Model + " [" + d.Name + "]", Port: 631, Text: []string{"txtvers=1", "ty=" + d.Product.Model, "product=(" + d.Product.Model + ")"}})
		})
		p.habits[len(p.habits)-1].clientPort = 5353
	}
}

func (p *plan) network() {
	t := p.site
	for i, d := range t.ByWord["switch"] {
		software := "Cisco IOS Software, C2960X Software (C2960X-UNIVERSALK9-M), Version " + d.Product.Version + ", RELEASE SOFTWARE (fc2)"
		g := plant.Gear{MAC: d.MAC, IP: d.IP, Name: p.health.FQDN(d), Description: software, Port: fmt.Sprintf("GigabitEthernet1/0/%d", i+1), Model: "cisco " + d.Product.Model, Software: software, Bridge: true}
		p.always(habit{service: "lldp", transport: wire.Link, client: d, server: fleet.GroupOf(wire.BroadcastIP), write: func(s *wire.Script, c occasion) { plant.LLDP(s, g, 30*time.Second, c.fill(30*time.Second)) }})
		p.always(habit{service: "cdp", transport: wire.Link, client: d, server: fleet.GroupOf(wire.BroadcastIP), write: func(s *wire.Script, c occasion) { plant.CDP(s, g, time.Minute, c.fill(time.Minute)) }})
		if i == 0 {
			p.always(habit{service: "stp", transport: wire.Link, client: d, server: fleet.GroupOf(wire.BroadcastIP), write: func(s *wire.Script, c occasion) {
				plant.SpanningTree(s, d.MAC, 2*time.Second, c.fill(2*time.Second))
			}})
		}
		q := plant.SNMP{Community: community(p.health, t.ID), Version: 1, Description: software, Name: g.Name, ObjectID: []byte{0x2b, 6, 1, 4, 1, 9, 1, 0x89, 0x3f}}
		p.truth.clear("snmp", d, t.Nth("jump-host", 0))
		p.udp("snmp", t.Nth("jump-host", 0), d, 161, 5*time.Minute, func(s *wire.Script, _ occasion) { plant.Query(s, q) })
	}
	for i, d := range t.ByWord["access-point"] {
		g := plant.Gear{MAC: d.MAC, IP: d.IP, Name: d.Name, Description: "Cisco AP Software, ap3g3-k9w8 Version: " + d.Product.Version, Port: "GigabitEthernet0", Model: "cisco " + d.Product.Model, Software: d.Product.Version}
		p.always(habit{service: "cdp", transport: wire.Link, client: d, server: fleet.GroupOf(wire.BroadcastIP), write: func(s *wire.Script, c occasion) { plant.CDP(s, g, 90*time.Second, c.fill(90*time.Second)) }})
		p.udp("syslog", d, t.Nth("jump-host", 0), 514, 10*time.Minute, func(s *wire.Script, c occasion) {
			office.Syslog(s, c.at, d.Name, fmt.Sprintf("%%DOT11-6-ASSOC: interface %d up", i))
		})
	}
}

// community is the SNMP community of a site: the planted default, or one of its own.
func community(h *fleet.Health, site string) string {
	if slices.Contains(h.Site(site).Planted, "snmp-public") {
		return "public"
	}
	return "canary-community"
}

func (p *plan) addresses() {
	t := p.site
	controller := t.Nth("domain-controller", 0)
	for _, d := range t.All {
		router := &fleet.Device{Name: "core", Site: t.ID, IP: fleet.Gateway(d), MAC: t.Core, VLAN: d.VLAN, System: fleet.SwitchOS}
		p.add(habit{service: "arp", transport: wire.Link, client: d, server: router, every: 25 * time.Minute, first: 5 * time.Minute,
			write: func(s *wire.Script, _ occasion) { office.ARP(s, d.MAC, d.IP, t.Core, router.IP) }})
		if d.Kind.DHCP && controller != nil {
			l := office.Lease{Client: d.MAC, Address: d.IP, Server: controller.IP, Router: router.IP, DNS: controller.IP, Host: d.Name, Domain: t.Domain,
				Class: d.System.Class, Parameters: d.System.Parameters, FQDN: d.System.Windows.Major != 0}
			p.add(habit{service: "dhcp", transport: wire.Link, client: d, server: controller, relay: true, every: 70 * time.Minute, first: 20 * time.Minute,
				write: func(s *wire.Script, c occasion) {
					m := l
					m.Renew = c.round > 0
					office.DHCP(s, m)
				}})
		}
		if d.Word != "switch" && controller != nil {
			p.add(habit{service: "ntp", transport: wire.UDP, client: d, server: controller, clientPort: 123, port: 123, every: 34 * time.Minute, write: func(s *wire.Script, c occasion) { office.NTP(s, c.at) }})
		}
	}
	p.udp("ntp", controller, p.health.Outside["time"], 123, 17*time.Minute, func(s *wire.Script, c occasion) { office.NTP(s, c.at) })
}

// domainMember adds what any Windows machine of the domain does.
func (p *plan) domainMember(d *fleet.Device) {
	t, h := p.site, p.health
	dc, files := t.Nth("domain-controller", 0), t.Nth("file-server", 0)
	if dc == nil || d.System.Windows.Major == 0 || d == dc {
		return
	}
	me, it := h.Windows(d), h.Windows(dc)
	realm := strings.ToUpper(t.Domain)
	etypes := []uint32{18, 17, 23}
	if d.System == fleet.WindowsXP {
		etypes = []uint32{23, 3, 1}
	}
	p.udp("dns", d, dc, 53, 30*time.Minute, func(s *wire.Script, _ occasion) {
		office.LookupService(s, "_ldap._tcp.dc._msdcs."+t.Domain, h.FQDN(dc), 389, dc.IP)
	})
	p.udp("cldap", d, dc, 389, 40*time.Minute, func(s *wire.Script, _ occasion) { office.NetlogonPing(s, me, it) })
	p.udp("kerberos", d, dc, 88, 40*time.Minute, func(s *wire.Script, c occasion) {
		account := d.Name + "$"
		if c.round%2 == 1 {
			account = "canary.user"
		}
		office.Login(s, realm, account, d.Name, etypes...)
	})
	if d.Word == "workstation" {
		p.tcp("ldap", d, dc, 389, time.Hour, func(s *wire.Script, _ occasion) { office.BindNegotiate(s, me, it) })
	}
	if files != nil && files != d && d.System.Dialect != 0 {
		share := `\\` + strings.ToUpper(files.Name) + `\wards`
		dialect := min(d.System.Dialect, files.System.Dialect)
		server := h.Windows(files)
		p.tcp("smb", d, files, 445, 50*time.Minute, func(s *wire.Script, _ occasion) {
			office.ReadShare(s, me, server, dialect, share, "canary-document.docx", 1+s.Rand.IntN(3), 16<<10)
		})
	}
	group := fleet.Directed(d)
	p.add(habit{service: "nbns", transport: wire.UDP, client: d, server: group, clientPort: 137, port: 137, every: time.Hour, write: func(s *wire.Script, _ occasion) { office.RegisterNetBIOS(s, me.Host, me.Domain, d.IP) }})
	if d.System == fleet.WindowsXP || d.System == fleet.Windows7 {
		p.add(habit{service: "browser", transport: wire.UDP, client: d, server: group, clientPort: 138, port: 138, every: 12 * time.Minute, write: func(s *wire.Script, _ occasion) {
			office.HostAnnouncement(s, me.Host, me.Domain, d.IP, me.Major, me.Minor)
		}})
	} else {
		p.udp("llmnr", d, fleet.GroupOf(wire.IP{224, 0, 0, 252}), 5355, 30*time.Minute, func(s *wire.Script, _ occasion) { office.LLMNR(s, "wpad") })
	}
}
