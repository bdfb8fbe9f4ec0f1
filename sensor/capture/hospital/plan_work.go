package hospital

import (
	"strings"
	"time"

	"github.com/wardscope/wardscope/sensor/capture/hospital/fleet"
	"github.com/wardscope/wardscope/sensor/capture/hospital/office"
	"github.com/wardscope/wardscope/sensor/capture/hospital/wire"
)

// visits are what workplaces open on the internet.
var visits = []struct {
	peer  string
	every time.Duration
	down  int
}{{"office", 16 * time.Minute, 9000}, {"login", 50 * time.Minute, 3000}, {"search", 24 * time.Minute, 14000}, {"cdn", 45 * time.Minute, 20000}}

func (p *plan) workplaces() {
	t, h := p.site, p.health
	dc := t.Nth("domain-controller", 0)
	for i, d := range t.ByWord["workstation"] {
		p.domainMember(d)
		for _, v := range visits {
			peer := h.Outside[v.peer]
			p.lookup(d, dc, peer.Name, peer.IP, v.every)
			p.tcp("tls", d, peer, 443, v.every, func(s *wire.Script, _ occasion) {
				office.TLS(s, office.Secure{Hello: d.System.Hello, Name: peer.Name, Version: 0x0304, Suite: 0x1301, Exchanges: 1 + s.Rand.IntN(3), Up: 600, Down: v.down})
			})
		}
		if i%12 == 5 {
			p.tcp("tls", d, h.Outside["code"], 443, 40*time.Minute, func(s *wire.Script, _ occasion) {
				office.TLS(s, office.Secure{Hello: office.Browser, Name: "github.com", Version: 0x0304, Suite: 0x1301, Exchanges: 2, Up: 700, Down: 16000})
			})
		}
		if d.System.Windows.Major != 0 {
			update := h.Outside["update"]
			p.truth.clear("http", update, d)
			p.tcp("http", d, update, 80, 45*time.Minute, func(s *wire.Script, _ occasion) {
				office.HTTP(s, office.Page{Path: "/connecttest.txt", Host: update.Name, Agent: "Microsoft NCSI", Server: "Microsoft-IIS/10.0", Type: "text/plain", Body: "Microsoft Connect Test"})
			})
		} else {
			p.add(habit{service: "mdns", transport: wire.UDP, client: d, server: fleet.GroupOf(wire.IP{224, 0, 0, 251}), clientPort: 5353, port: 5353, every: 15 * time.Minute, write: func(s *wire.Script, _ occasion) {
				office.AnnounceMDNS(s, d.Name, d.IP, office.Service{Type: "_companion-link._tcp.local", Name: d.Name, Port: 49153, Text: []string{"rpMd=Macmini9,1"}})
				office.QueryMDNS(s, "_airplay._tcp.local")
			}})
		}
		p.records(d, dc)
	}
	for _, word := range fleet.Words() {
		if word == "workstation" {
			continue
		}
		for _, d := range t.ByWord[word] {
			p.domainMember(d)
		}
	}
}

// records adds the hosted records system that a workplace uses.
func (p *plan) records(d, dc *fleet.Device) {
	r := p.health.Records
	if r == nil {
		return
	}
	cert := p.certificate(r.Name, "Hosted records")
	p.lookup(d, dc, r.Name, r.IP, 30*time.Minute)
	p.tcp("tls", d, r, 443, 20*time.Minute, func(s *wire.Script, _ occasion) {
		office.TLS(s, office.Secure{Hello: d.System.Hello, Name: r.Name, Certificate: cert, Version: 0x0303, Suite: 0xc02f, Protocol: "http/1.1", Exchanges: 2 + s.Rand.IntN(4), Up: 800, Down: 5000, Every: time.Second})
	})
}

func (p *plan) lookup(d, dc *fleet.Device, name string, ip wire.IP, every time.Duration) {
	p.udp("dns", d, dc, 53, every, func(s *wire.Script, _ occasion) { office.Lookup(s, name, &ip) })
}

func (p *plan) servers() {
	t, h := p.site, p.health
	dc := t.Nth("domain-controller", 0)
	p.udp("dns", dc, h.Outside["dns-google"], 53, 20*time.Second, func(s *wire.Script, _ occasion) {
		ip := h.Outside["office"].IP
		office.Lookup(s, "outlook.office365.com", &ip)
	})
	if sql := t.Nth("sql-server", 0); sql != nil {
		for i := range min(8, len(t.ByWord["workstation"])) {
			p.tcp("tds", t.Nth("workstation", 3*i), sql, 1433, 20*time.Minute, func(s *wire.Script, _ occasion) { office.Prelogin(s, 13, 0, 5026, 3) })
		}
	}
	if jump := t.Nth("jump-host", 0); jump != nil {
		for _, word := range []string{"hl7-engine", "pacs", "portal"} {
			if d := t.Nth(word, 0); d != nil {
				p.tcp("ssh", jump, d, 22, 30*time.Minute, func(s *wire.Script, _ occasion) {
					office.SSH(s, "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3", "SSH-2.0-OpenSSH_8.4p1 Debian-5+deb11u3", h.FQDN(d), 10)
				})
			}
		}
	}
	if portal := t.Nth("portal", 0); portal != nil {
		name := "portal." + t.Domain
		cert := p.certificate(name, t.Title)
		visit := func(s *wire.Script, _ occasion) {
			office.TLS(s, office.Secure{Hello: office.Browser, Name: name, Certificate: cert, Version: 0x0303, Suite: 0xc02f, Protocol: "h2", Exchanges: 3, Up: 500, Down: 9000})
		}
		for _, v := range []string{"visitor-1", "visitor-2", "visitor-3"} {
			p.tcp("tls", h.Outside[v], portal, 443, 6*time.Minute, visit)
		}
		for i := range 6 {
			p.tcp("tls", t.Nth("workstation", 5*i), portal, 443, 25*time.Minute, visit)
		}
	}
	p.intranet()
}

// intranet adds plain web pages of servers and devices.
func (p *plan) intranet() {
	t, h := p.site, p.health
	engine, bms, dc := t.Nth("hl7-engine", 0), t.Nth("building-supervisor", 0), t.Nth("domain-controller", 0)
	for i := range min(10, len(t.ByWord["workstation"])) {
		d := t.Nth("workstation", 9*i)
		if bms != nil {
			p.lookup(d, dc, h.FQDN(bms), bms.IP, 30*time.Minute)
			p.truth.clear("http", bms, d)
			p.tcp("http", d, bms, 80, 30*time.Minute, func(s *wire.Script, _ occasion) {
				office.HTTP(s, office.Page{Path: "/ord?station:|slot:/", Host: h.FQDN(bms), Agent: d.System.Agent, Server: "Niagara Web Server/4.10.3", Type: "text/html", Octets: 6000})
			})
		}
		if engine != nil && i < 3 {
			cert := p.certificate(strings.ToLower(engine.Name), "Mirth Connect")
			p.tcp("tls", d, engine, 8443, 40*time.Minute, func(s *wire.Script, _ occasion) {
				office.TLS(s, office.Secure{Hello: d.System.Hello, Name: h.FQDN(engine), Certificate: cert, Version: 0x0303, Suite: 0xc02f, Exchanges: 4, Up: 400, Down: 3000})
			})
		}
	}
}
