package browser

import (
	"fmt"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
)

type protocol struct{}

// New returns the NetBIOS datagram and browser dissector.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "netbios-dgm", Transport: dissect.UDP, Ports: []uint16{138}}
}

func (protocol) Probe(_ *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	if _, ok := Parse(data); !ok {
		return dissect.NotMine
	}
	return dissect.Mine
}

func (protocol) New() dissect.Dissector { return dissector{} }

type dissector struct{}

const unixServer = 1 << 11

// roles by server type bit: MS-BRWS refers to MS-RAP, section 2.5.5.4 (SV_TYPE_*).
var roles = map[int]string{2: "SQL server", 3: "domain controller", 4: "domain controller", 5: "time source", 9: "print server",
	10: "dial-in server", 14: "Novell server", 18: "master browser", 25: "terminal server", 28: "Windows 9x"}

func (dissector) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	d, ok := Parse(data)
	if !ok {
		return len(data), dissect.More
	}
	s := dissect.About(e.Flow().Sender(dir))
	if d.Source != s.Addr && !d.Source.IsUnspecified() {
		s = model.Subject{Addr: d.Source} // forwarded by a datagram distribution server
	}
	say := func(kind model.Kind, v, source string) {
		e.Observe(dissect.Claim{Subject: s, Kind: kind, Value: v, Source: source})
	}
	if d.From.Suffix == 0x00 || d.From.Suffix == 0x20 {
		say(model.KindHostname, d.From.Text, "browser.source_name")
	}
	if d.Type == 0x11 && (d.To.Suffix == 0x1d || d.To.Suffix == 0x1e) {
		say(model.KindDomain, d.To.Text, "browser.group")
	}
	if !d.Browse {
		return len(data), dissect.More
	}
	e.Service("browser")
	f := d.Frame
	switch {
	case !f.Announcement:
	case f.Command == 0x0c:
		say(model.KindDomain, f.Name, "browser.domain_announcement")
	default:
		say(model.KindHostname, f.Name, "browser.server")
		// Samba gives itself out as Windows 6.1, and as a Unix server (SV_TYPE_XENIX_SERVER).
		if f.Server&unixServer == 0 {
			say(model.KindOS, fmt.Sprintf("Windows %d.%d", f.Major, f.Minor), "browser.os_version")
		}
		for bit := range 32 {
			if role := roles[bit]; role != "" && f.Server&(1<<bit) != 0 {
				say(model.KindRole, role, "browser.server_type")
			}
		}
	}
	return len(data), dissect.More
}
