package reference

import (
	"time"

	"github.com/wardscope/wardscope/sensor/capture/hospital/clinical"
	"github.com/wardscope/wardscope/sensor/capture/hospital/office"
	"github.com/wardscope/wardscope/sensor/capture/hospital/plant"
	"github.com/wardscope/wardscope/sensor/capture/hospital/wire"
)

// dialogue is one template of a category.
type dialogue struct {
	transport wire.Transport
	port      uint16
	group     wire.IP // multicast destination; zero for none
	write     func(s *wire.Script, m *moment)
}

// moment is what a dialogue may depend on.
type moment struct {
	at          int64 // Unix nanoseconds
	certificate []byte
}

type category struct {
	name      string
	share     float64 // of all packets
	dialogues []dialogue
}

var (
	modality = clinical.Application{Title: "CT01", UID: "1.3.12.2.1107.5.8.2", Version: "MergeCOM3_390"}
	archive  = clinical.Application{Title: "PACS", UID: "1.2.40.0.13.1.3", Version: "dcm4che-5.31.0"}
	desktop  = office.Windows{Host: "WS-0001", Domain: "CLINIC", DNS: "clinic.example", Major: 10, Build: 19045, Account: "canary.user"}
	files    = office.Windows{Host: "FILES", Domain: "CLINIC", DNS: "clinic.example", Major: 10, Build: 20348}
)

// repeats says how often a dialogue of a category is said in one session, where not once.
var repeats = map[string]int{"infrastructure": 5}

// categories and their shares are those of the reference capture.
var categories = []category{
	{"dicom", 0.28, []dialogue{{wire.TCP, 104, wire.IP{}, store}, {wire.TCP, 11112, wire.IP{}, store}}},
	{"tls", 0.17, []dialogue{
		{wire.TCP, 443, wire.IP{}, secure(office.Browser, "records.example", 0x0304, 0x1301, 900)},
		{wire.TCP, 443, wire.IP{}, secure(office.Schannel, "update.example", 0x0303, 0xc02f, 1200)},
		{wire.TCP, 8443, wire.IP{}, secure(office.Embedded, "gateway.example", 0x0303, 0xc030, 300)}}},
	{"monitor", 0.11, []dialogue{{wire.UDP, 24105, wire.IP{}, func(s *wire.Script, _ *moment) {
		clinical.DataExport(s, clinical.Monitor{Maker: "Philips", Model: "MX450", Serial: "DE12345678", Software: "M.04", Label: "BED01", Numerics: 14}, 20*time.Millisecond, 300)
	}}}},
	{"smb", 0.08, []dialogue{{wire.TCP, 445, wire.IP{}, func(s *wire.Script, _ *moment) {
		office.ReadShare(s, desktop, files, 0x0302, `\\FILES\wards`, "canary-document.docx", 4, 64<<10)
	}}}},
	{"infrastructure", 0.075, infrastructure},
	{"hl7", 0.06, []dialogue{{wire.TCP, 2575, wire.IP{}, func(s *wire.Script, m *moment) {
		clinical.Messages(s, clinical.Feed{From: clinical.Party{Application: "MON", Facility: "CLINIC"}, To: clinical.Party{Application: "ENGINE", Facility: "CLINIC"},
			Type: "ORU^R01", Version: "2.5", Control: "M", Clock: m.at, Every: 40 * time.Millisecond, Messages: 20, Brief: true})
	}}}},
	{"http", 0.06, []dialogue{{wire.TCP, 80, wire.IP{}, func(s *wire.Script, _ *moment) {
		office.HTTP(s, office.Page{Path: "/status", Host: "device.example", Agent: "curl/7.88.1", Server: "nginx/1.22.1", Type: "text/html", Octets: 900},
			office.Page{Path: "/firmware", Host: "device.example", Agent: "curl/7.88.1", Server: "nginx/1.22.1", Type: "application/octet-stream", Octets: 2500})
	}}}},
	{"quic", 0.05, []dialogue{{wire.UDP, 443, wire.IP{}, func(s *wire.Script, _ *moment) { office.QUIC(s, "video.example", 40) }}}},
	{"it", 0.04, []dialogue{
		{wire.TCP, 22, wire.IP{}, func(s *wire.Script, _ *moment) {
			office.SSH(s, "SSH-2.0-OpenSSH_9.2", "SSH-2.0-OpenSSH_8.4", "server.example", 15)
		}},
		{wire.TCP, 389, wire.IP{}, func(s *wire.Script, _ *moment) { office.BindNegotiate(s, desktop, files) }},
		{wire.UDP, 88, wire.IP{}, func(s *wire.Script, _ *moment) { office.Login(s, "CLINIC.EXAMPLE", "WS-0001$", "WS-0001", 18, 17, 23) }},
		{wire.TCP, 1433, wire.IP{}, func(s *wire.Script, _ *moment) { office.Prelogin(s, 15, 0, 2000, 8) }},
		{wire.TCP, 3389, wire.IP{}, func(s *wire.Script, _ *moment) { office.RDP(s, "WS-0001", 19041) }}}},
	{"rtp", 0.04, []dialogue{{wire.UDP, 16384, wire.IP{}, func(s *wire.Script, _ *moment) { office.Media(s, 200) }}}},
	{"ot", 0.02, []dialogue{
		{wire.UDP, 47808, wire.IP{}, func(s *wire.Script, _ *moment) { plant.Poll(s, 10*time.Millisecond, 30) }},
		{wire.TCP, 502, wire.IP{}, func(s *wire.Script, _ *moment) {
			plant.Modbus(s, plant.Identity{Vendor: "APC", Product: "Smart-UPS", Revision: "6.9"}, 3, 10*time.Millisecond, 40)
		}},
		{wire.UDP, 5060, wire.IP{}, func(s *wire.Script, _ *moment) {
			office.Register(s, office.Call{Agent: "Phone/1.0", Server: "PBX/18", Extension: "4100", Phone: "10.20.0.9", Proxy: "10.64.0.1"})
		}}}},
}

var infrastructure = []dialogue{
	{wire.UDP, 53, wire.IP{}, func(s *wire.Script, _ *moment) { office.Lookup(s, "records.example", &wire.IP{192, 0, 2, 20}) }},
	{wire.UDP, 123, wire.IP{}, func(s *wire.Script, m *moment) { office.NTP(s, m.at) }},
	{wire.UDP, 161, wire.IP{}, func(s *wire.Script, _ *moment) {
		plant.Query(s, plant.SNMP{Community: "canary-community", Version: 1, Description: "Cisco IOS Software, C2960X Software, Version 15.2(7)E7", Name: "sw-01", ObjectID: []byte{0x2b, 6, 1, 4, 1, 9, 1, 1}})
	}},
	{wire.UDP, 514, wire.IP{}, func(s *wire.Script, m *moment) { office.Syslog(s, m.at, "ap-01", "%DOT11-6-ASSOC: interface 1 up") }},
	{wire.UDP, 5353, wire.IP{224, 0, 0, 251}, func(s *wire.Script, _ *moment) {
		office.AnnounceMDNS(s, "printer", wire.IP{10, 20, 1, 9}, office.Service{Type: "_ipp._tcp.local", Name: "Printer", Port: 631, Text: []string{"txtvers=1"}})
	}},
	{wire.UDP, 1900, wire.IP{239, 255, 255, 250}, func(s *wire.Script, _ *moment) { office.SearchSSDP(s, "ssdp:all", "Windows/10.0 UPnP/1.1") }},
	{wire.Link, 0, wire.IP{}, func(s *wire.Script, _ *moment) {
		mac := wire.MAC{0xd4, 0xbe, 0xd9}
		s.Rand.Fill(mac[3:])
		office.DHCP(s, office.Lease{Client: mac, Address: wire.IP{10, 20, 9, 9}, Server: wire.IP{10, 64, 0, 1}, Router: wire.IP{10, 20, 0, 1}, DNS: wire.IP{10, 64, 0, 1},
			Host: "WS-0001", Domain: "clinic.example", Class: "MSFT 5.0", Parameters: []byte{1, 3, 6, 15, 31, 33, 43, 44, 46, 47, 119, 121, 249, 252}})
	}},
}

func store(s *wire.Script, _ *moment) {
	clinical.Store(s, modality, archive, clinical.Study{Class: clinical.CTImage, Modality: "CT", Images: 1, Octets: 512 << 10})
}

func secure(hello office.Hello, name string, version, suite uint16, down int) func(*wire.Script, *moment) {
	return func(s *wire.Script, m *moment) {
		office.TLS(s, office.Secure{Hello: hello, Name: name, Certificate: m.certificate, Version: version, Suite: suite, Exchanges: 6, Up: 250, Down: down})
	}
}
