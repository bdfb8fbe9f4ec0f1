package hospital

import (
	"slices"
	"time"

	"github.com/wardscope/wardscope/sensor/capture/hospital/clinical"
	"github.com/wardscope/wardscope/sensor/capture/hospital/fleet"
	"github.com/wardscope/wardscope/sensor/capture/hospital/office"
	"github.com/wardscope/wardscope/sensor/capture/hospital/wire"
)

// weakness is something to be found: the traffic that shows it and the finding that it makes.
type weakness struct {
	name string
	add  func(p *plan)
	// prepare changes devices before anything is planned; nil for most.
	prepare func(t *fleet.Hospital)
}

// weaknesses lists what a scenario can plant. Each is skipped where the site lacks the devices.
var weaknesses = []weakness{
	{"telnet-default", plantTelnet, nil},
	{"ftp-login", plantFTP, nil},
	{"snmp-public", plantSNMP, nil},
	{"smbv1-xp", plantSMB1, prepareXP},
	{"win7-share", plantShare, nil},
	{"tls10-server", plantTLS, nil},
	{"http-basic-default", plantBasic, nil},
	{"vnc-open", plantVNC, nil},
	{"ldap-simple", plantLDAP, nil},
	{"rdp-no-nla", plantRDP, nil},
	{"pump-from-internet", plantInbound, nil},
	{"modality-abroad", plantAbroad, nil},
	{"axeda-agent", plantAgent, nil},
	{"axeda-listener", plantListener, nil},
	{"monitor-beacon", plantBeacon, nil},
	{"mqtt-password", plantMQTT, nil},
	{"dicom-clear-cross-site", func(*plan) {}, nil}, // follows from the archive of another site
	{"hl7-clear-cross-site", plantHL7, nil},
}

func (p *plan) plant() {
	for _, w := range weaknesses {
		if slices.Contains(p.site.Planted, w.name) {
			w.add(p)
		}
	}
}

func prepare(t *fleet.Hospital) {
	for _, w := range weaknesses {
		if w.prepare != nil && slices.Contains(t.Planted, w.name) {
			w.prepare(t)
		}
	}
}

// prepareXP gives the site's first analyser an old system, and the first radiography room one
// that still speaks SMBv1 with it.
func prepareXP(t *fleet.Hospital) {
	if analyser, room := t.Nth("lab-analyser", 0), t.Nth("modality-xr", 0); analyser != nil && room != nil {
		analyser.System, room.System = fleet.WindowsXP, fleet.Windows7
	}
}

func plantTelnet(p *plan) {
	jump, ups := p.site.Nth("jump-host", 0), p.site.Nth("ups", 0)
	p.tcp("telnet", jump, ups, 23, 30*time.Minute, func(s *wire.Script, _ occasion) {
		office.Telnet(s, "American Power Conversion Network Management Card AOS v6.9.6", "apc", "apc", "apc>")
	})
	p.truth.finding([]string{"CLEARTEXT_PROTOCOL"}, "telnet", ups, jump, 23)
	p.truth.finding([]string{"DEFAULT_CREDENTIAL"}, "telnet", ups, jump, 23)
}

func plantFTP(p *plan) {
	analyser, files := p.site.Nth("lab-analyser", 1), p.site.Nth("file-server", 0)
	p.tcp("ftp", analyser, files, 21, 15*time.Minute, func(s *wire.Script, _ occasion) {
		office.FTP(s, "Microsoft FTP Service", "canary.user", "canary-password")
	})
	p.truth.finding([]string{"CLEARTEXT_PROTOCOL"}, "ftp", files, analyser, 21)
	p.truth.finding([]string{"CLEARTEXT_CREDENTIAL"}, "ftp", files, analyser, 21)
}

func plantSNMP(p *plan) { // the community itself: health.community
	for _, d := range p.site.ByWord["switch"] {
		p.truth.finding([]string{"DEFAULT_CREDENTIAL"}, "snmp", d, p.site.Nth("jump-host", 0), 161)
	}
}

func plantSMB1(p *plan) {
	analyser, peer := p.site.Nth("lab-analyser", 0), p.site.Nth("modality-xr", 0)
	if analyser == nil || peer == nil {
		return
	}
	me, it := p.health.Windows(analyser), p.health.Windows(peer)
	p.tcp("smb", analyser, peer, 445, 12*time.Minute, func(s *wire.Script, _ occasion) { office.LegacyShare(s, me, it) })
	p.truth.finding([]string{"OBSOLETE_PROTOCOL"}, "smb", peer, analyser, 445)
	p.truth.finding([]string{"LEGACY_OS"}, "", analyser, nil, 0)
	p.truth.finding([]string{"LEGACY_OS"}, "", peer, nil, 0)
}

func plantShare(p *plan) {
	d, client := p.site.Nth("modality-xr", 0), p.site.Nth("workstation", 2)
	if d == nil || client == nil {
		return
	}
	me, it := p.health.Windows(client), p.health.Windows(d)
	p.tcp("smb", client, d, 445, 20*time.Minute, func(s *wire.Script, _ occasion) {
		office.ReadShare(s, me, it, 0x0210, `\\`+it.Host+`\export`, "canary-image.dcm", 2, 16<<10)
	})
	p.truth.finding([]string{"LEGACY_OS"}, "", d, nil, 0)
}

func plantTLS(p *plan) {
	pacs := p.archive()
	cert := p.certificate("pacs-web", "Imaging")
	for i := range 3 {
		client := p.site.Nth("modality-xr", i)
		if client == nil {
			return
		}
		p.tcp("tls", client, pacs, 443, 20*time.Minute, func(s *wire.Script, _ occasion) {
			office.TLS(s, office.Secure{Hello: office.Legacy, Name: "", Certificate: cert, Version: 0x0301, Suite: 0x000a, Exchanges: 2, Up: 300, Down: 1500})
		})
	}
	p.truth.finding([]string{"OBSOLETE_PROTOCOL", "WEAK_CRYPTO"}, "tls", pacs, p.site.Nth("modality-xr", 0), 443)
}

func plantBasic(p *plan) {
	camera, client := p.site.Nth("camera", 0), p.site.Nth("workstation", 4)
	if camera == nil || client == nil {
		return
	}
	p.tcp("http", client, camera, 80, 20*time.Minute, func(s *wire.Script, _ occasion) {
		office.HTTP(s, office.Page{Path: "/axis-cgi/param.cgi?action=list&canary=query", Host: fleet.Dotted(camera.IP), Agent: client.System.Agent, Server: "Apache/2.4.54 (Unix)", Type: "text/plain", Octets: 900, User: "root", Password: "pass"})
	})
	p.truth.clear("http", camera, client)
	p.truth.finding([]string{"DEFAULT_CREDENTIAL"}, "http", camera, client, 80)
}

func plantVNC(p *plan) {
	d, client := p.site.Nth("central-station", 0), p.site.Nth("jump-host", 0)
	p.tcp("vnc", client, d, 5900, 25*time.Minute, func(s *wire.Script, _ occasion) { office.VNC(s, "canary desktop", 30) })
	p.truth.clear("vnc", d, client)
	p.truth.finding([]string{"NO_AUTHENTICATION"}, "vnc", d, client, 5900)
}

func plantLDAP(p *plan) {
	client, dc := p.site.Nth("hl7-engine", 0), p.site.Nth("domain-controller", 0)
	base := "DC=" + p.site.ID + ",DC=example"
	p.tcp("ldap", client, dc, 389, 10*time.Minute, func(s *wire.Script, _ occasion) {
		office.BindSimple(s, "CN=canary.service,OU=Services,"+base, "canary-password", base, 3)
	})
	p.truth.clear("ldap", dc, client)
	p.truth.finding([]string{"CLEARTEXT_CREDENTIAL"}, "ldap", dc, client, 389)
}

func plantRDP(p *plan) {
	client, d := p.site.Nth("workstation", 1), p.site.Nth("pump-server", 0)
	if client == nil || d == nil {
		return
	}
	p.tcp("rdp", client, d, 3389, 20*time.Minute, func(s *wire.Script, _ occasion) { office.RDP(s, client.Name, 19041) })
	p.truth.finding([]string{"OBSOLETE_PROTOCOL", "WEAK_CRYPTO", "NO_AUTHENTICATION"}, "rdp", d, client, 3389)
}

func plantInbound(p *plan) {
	d, peer := p.site.Nth("infusion-pump", 1), p.health.Outside["scanner"]
	p.tcp("http", peer, d, 80, 9*time.Minute, func(s *wire.Script, _ occasion) {
		office.HTTP(s, office.Page{Path: "/", Host: fleet.Dotted(d.IP), Agent: "Mozilla/5.0 (compatible; scan)", Server: "RomPager/4.07 UPnP/1.0", Type: "text/html", Octets: 700})
	})
	p.truth.clear("http", d, peer)
	p.truth.finding([]string{"INTERNET_INBOUND"}, "http", d, peer, 80)
}

func plantAbroad(p *plan) {
	d, peer := p.site.Nth("modality-us", 0), p.health.Outside["abroad"]
	if d == nil {
		return
	}
	cert := p.certificate(peer.Name, "Time service")
	p.tcp("tls", d, peer, 443, 11*time.Minute, func(s *wire.Script, _ occasion) {
		office.TLS(s, office.Secure{Hello: office.Embedded, Name: peer.Name, Certificate: cert, Version: 0x0303, Suite: 0xc02f, Exchanges: 3, Up: 9000, Down: 200})
	})
	p.truth.finding([]string{"EXTERNAL_COMMUNICATION"}, "tls", d, peer, 443)
}

func plantAgent(p *plan) {
	d, peer := p.site.Nth("modality-ct", 1), p.health.Outside["vendor"]
	if d == nil {
		return
	}
	p.lookup(d, p.site.Nth("domain-controller", 0), peer.Name, peer.IP, 20*time.Minute)
	p.tcp("axeda", d, peer, 80, 6*time.Minute, func(s *wire.Script, _ occasion) {
		clinical.RemoteService(s, peer.Name, d.Product.Model, d.Serial, 2)
	})
	p.truth.finding([]string{"KNOWN_VULNERABLE_COMPONENT"}, "axeda", d, peer, 80)
}

func plantListener(p *plan) {
	d, client := p.site.Nth("lab-analyser", 2), p.site.Nth("jump-host", 0)
	p.tcp("axeda", client, d, 3076, 15*time.Minute, func(s *wire.Script, _ occasion) { clinical.RemoteListener(s) })
	p.truth.finding([]string{"KNOWN_VULNERABLE_COMPONENT"}, "axeda", d, client, 3076)
}

func plantBeacon(p *plan) {
	d, peer := p.site.Nth("patient-monitor", 3), p.health.Outside["beacon"]
	p.add(habit{service: "lpd", transport: wire.TCP, client: d, server: peer, port: 515, every: 7 * time.Minute, ending: wire.Reset, write: func(s *wire.Script, _ occasion) {
		s.Ask(s.Rand.Bytes(120))
	}})
	p.truth.finding([]string{"EXTERNAL_COMMUNICATION", "KNOWN_VULNERABLE_COMPONENT"}, "", d, peer, 515)
}

func plantMQTT(p *plan) {
	d, broker := p.site.Nth("wound-therapy", 0), p.site.Nth("nurse-call", 0)
	if d == nil {
		return
	}
	p.tcp("mqtt", d, broker, 1883, 10*time.Minute, func(s *wire.Script, _ occasion) {
		clinical.Publish(s, clinical.Telemetry{ClientID: "npwt-" + d.Serial, Topic: "npwt/state", User: "canary-gateway", Password: "canary-password", Every: 5 * time.Second, Messages: 6})
	})
	p.truth.finding([]string{"CLEARTEXT_CREDENTIAL"}, "mqtt", broker, d, 1883)
}

func plantHL7(p *plan) {
	other := p.site.Archive
	if other == "" {
		return
	}
	p.feed(p.site.Nth("hl7-engine", 0), p.health.Site(other).Nth("hl7-engine", 0), "ORU^R01^ORU_R01", 25*time.Second, clinical.Equipment{})
}
