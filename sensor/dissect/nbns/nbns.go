package nbns

import (
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
)

type protocol struct{}

// New returns the NetBIOS name service dissector.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "nbns", Transport: dissect.UDP, Ports: []uint16{137}}
}

func (protocol) Probe(_ *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	if _, ok := Parse(data); !ok {
		return dissect.NotMine
	}
	return dissect.Mine
}

func (protocol) New() dissect.Dissector { return dissector{} }

type dissector struct{}

func (dissector) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	m, ok := Parse(data)
	if !ok || m.Code != 0 || m.Opcode == 6 || m.Opcode == 7 {
		return len(data), dissect.More
	}
	sender := dissect.About(e.Flow().Sender(dir))
	claims := m.Response && m.Opcode == 0 || !m.Response && m.Opcode != 0
	for _, n := range m.Names {
		if claims {
			observe(e, sender, n)
		}
	}
	if m.MAC != 0 {
		e.Observe(dissect.Claim{Subject: sender, Kind: model.KindIdentifier, Value: m.MAC.String(), Source: "nbns.unit_id"})
	}
	return len(data), dissect.More
}

// observe claims a name for the address that registers it. A name server answers for others, so
// then the sender's MAC is not theirs.
func observe(e dissect.Emitter, sender model.Subject, n Name) {
	const person = 0x03
	if n.Suffix == person || n.Text == "" || n.Text == "*" {
		return
	}
	s := sender
	if !n.Addr.IsUnspecified() && n.Addr != sender.Addr {
		s = model.Subject{Addr: n.Addr}
	}
	say := func(kind model.Kind, v, source string) {
		e.Observe(dissect.Claim{Subject: s, Kind: kind, Value: v, Source: source})
	}
	switch {
	case n.Text == "\x01\x02__MSBROWSE__\x02":
		say(model.KindRole, "master browser", "nbns.suffix")
		return
	case n.Group:
		say(model.KindDomain, n.Text, "nbns.name")
	case n.Suffix == 0x1b || n.Suffix == 0x1d: // unique, but named after the domain
		say(model.KindDomain, n.Text, "nbns.name")
	default:
		say(model.KindHostname, n.Text, "nbns.name")
	}
	switch {
	case n.Suffix == 0x20 && !n.Group:
		say(model.KindRole, "file server", "nbns.suffix")
	case n.Suffix == 0x1c && n.Group, n.Suffix == 0x1b:
		say(model.KindRole, "domain controller", "nbns.suffix")
	case n.Suffix == 0x1d:
		say(model.KindRole, "master browser", "nbns.suffix")
	}
}
