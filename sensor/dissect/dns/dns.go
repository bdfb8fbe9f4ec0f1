package dns

import (
	"strings"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/dnsmsg"
)

type protocol struct{}

// New returns the DNS dissector.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "dns", Transport: dissect.UDP | dissect.TCP, Ports: []uint16{53}, ProbeBytes: 1024}
}

const protoTCP = 6

// Probe takes a datagram iff it is a message from end to end; a stream iff its first message is.
func (protocol) Probe(f *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	if other(f.Initiator.Port) || other(f.Responder.Port) {
		return dissect.NotMine
	}
	if f.Protocol == protoTCP {
		n := length(data)
		switch {
		case len(data) < 4:
			return dissect.More
		case n < 12+5 || n > 4096:
			return dissect.NotMine
		case len(data) < 2+n:
			return more(data[2:])
		}
		data = data[2 : 2+n]
	}
	var room dnsmsg.Room
	m, ok := dnsmsg.Parse(data, &room)
	if !ok || m.Trailing > 0 || !plausible(&m) {
		return dissect.NotMine
	}
	return dissect.Mine
}

// other reports the ports whose protocols use the same message format: multicast DNS, LLMNR and
// the NetBIOS name service are defined by them.
func other(port uint16) bool { return port == 5353 || port == 5355 || port == 137 }

func length(b []byte) int {
	if len(b) < 2 {
		return 0
	}
	return int(b[0])<<8 | int(b[1])
}

// more judges the header of a message that is not complete yet.
func more(b []byte) dissect.Verdict {
	if len(b) >= 6 && (b[4] != 0 || b[5] != 1 || b[3]&0x40 != 0) {
		return dissect.NotMine
	}
	return dissect.More
}

func plausible(m *dnsmsg.Message) bool {
	switch m.Opcode {
	case 0, 4, 5:
	default:
		return false
	}
	if len(m.Questions) != 1 {
		return false
	}
	for _, c := range m.Questions[0].Name {
		if c <= ' ' || c == 0x7f {
			return false
		}
	}
	if !m.Response && m.Opcode == 0 && len(m.Answers) > 0 {
		return false
	}
	t := m.Questions[0].Type
	return t != 0 && t != 0x20 && (t <= 0x21 || t < 300 || t == 32768 || t == 32769)
}

func (protocol) New() dissect.Dissector { return &dissector{} }

type dissector struct{}

func (d *dissector) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	size := len(data)
	if e.Flow().Protocol == protoTCP {
		n := length(data)
		if len(data) < 2 || len(data) < 2+n {
			return 0, dissect.More
		}
		size, data = 2+n, data[2:2+n]
	}
	var room dnsmsg.Room
	m, ok := dnsmsg.Parse(data, &room)
	switch {
	case !ok || !plausible(&m):
	case m.Response:
		answer(e, e.Flow().Sender(dir), &m)
	case m.Opcode == 5:
		update(e, &m)
	case m.Opcode == 0:
		question(e, e.Flow().Sender(dir), strings.ToLower(m.Questions[0].Name))
	}
	return size, dissect.More
}

func answer(e dissect.Emitter, server model.Endpoint, m *dnsmsg.Message) {
	role := "DNS server"
	if m.Recursion {
		role = "DNS resolver"
	}
	e.Observe(dissect.Claim{Subject: dissect.About(server), Kind: model.KindRole, Value: role, Source: "dns.response"})
	for i := range m.Answers {
		r := &m.Answers[i]
		switch {
		case r.Type == dnsmsg.TypeA || r.Type == dnsmsg.TypeAAAA:
			name(e, r.Addr, asked(m, r), "dns.answer")
		case r.Type == dnsmsg.TypePTR:
			if a, ok := dnsmsg.Reverse(r.Name); ok {
				name(e, a, r.Target, "dns.ptr")
			}
		case r.Type == dnsmsg.TypeTXT && r.Class == 3 && strings.EqualFold(r.Name, "version.bind"):
			for _, t := range r.Texts(nil) {
				e.Observe(dissect.Claim{Subject: dissect.About(server), Kind: model.KindSoftware, Value: string(t), Source: "dns.version_bind"})
			}
		}
	}
}

// asked is the name that an address was asked for by. A transfer of a zone, or whatever else brings addresses
// along, gives each record its own name.
func asked(m *dnsmsg.Message, r *dnsmsg.Record) string {
	if t := m.Questions[0].Type; t == dnsmsg.TypeA || t == dnsmsg.TypeAAAA {
		return m.Questions[0].Name
	}
	return r.Name
}

func update(e dissect.Emitter, m *dnsmsg.Message) {
	for i := range m.Authority { // the update section: RFC 2136, section 2.5
		switch r := &m.Authority[i]; r.Type {
		case dnsmsg.TypeA, dnsmsg.TypeAAAA:
			name(e, r.Addr, r.Name, "dns.update")
		}
	}
}

// name claims a name for an address that is nobody's on the Internet.
func name(e dissect.Emitter, a model.Addr, host, source string) {
	if host != "" && dnsmsg.Private(a) {
		e.Observe(dissect.Claim{Subject: model.Subject{Addr: a}, Kind: model.KindHostname, Value: host, Source: source})
	}
}

// checks are the names that operating systems ask for to learn whether they are online.
var checks = map[string]string{
	"www.msftncsi.com": "Windows connectivity check (to 10 1511)", "dns.msftncsi.com": "Windows connectivity check",
	"www.msftconnecttest.com": "Windows connectivity check (from 10 1607)", "ipv6.msftconnecttest.com": "Windows connectivity check (from 10 1607)",
	"captive.apple.com": "Apple connectivity check", "connectivitycheck.gstatic.com": "Android connectivity check",
	"connectivity-check.ubuntu.com": "Ubuntu connectivity check", "network-test.debian.org": "Debian connectivity check",
}

func question(e dissect.Emitter, client model.Endpoint, asked string) {
	if v, ok := checks[asked]; ok {
		e.Observe(dissect.Claim{Subject: dissect.About(client), Kind: model.KindStack, Value: v, Source: "dns.question"})
	}
	if asked == "axeda.com" || strings.HasSuffix(asked, ".axeda.com") {
		e.Observe(dissect.Claim{Subject: dissect.About(client), Kind: model.KindSoftware, Value: "Axeda agent", Source: "dns.question"})
	}
}
