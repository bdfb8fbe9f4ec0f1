package netbeui

import (
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/decode"
	"github.com/wardscope/wardscope/sensor/dissect"
)

// The suffixes of names that matter here, as the dissector that doc.go names lists them.
const (
	suffixHost      = 0x00
	suffixMessenger = 0x03
	suffixServer    = 0x20
)

type protocol struct{}

// New returns the NetBEUI dissector.
func New() dissect.PacketProtocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "netbeui", Transport: dissect.Link, EtherTypes: []uint16{0}}
}

func (protocol) Packet(e dissect.Emitter, p *decode.Packet) bool {
	f, ok := Parse(p.Payload)
	if !ok {
		return false
	}
	say := func(kind model.Kind, v, source string) {
		e.Observe(dissect.Claim{Subject: model.Subject{MAC: p.SrcMAC}, Kind: kind, Value: v, Source: source})
	}
	if f.SMB {
		say(model.KindCapability, "SMB over NetBIOS frames", "smb.netbios_frame")
	}
	switch {
	case f.Sender == nil || f.Suffix == suffixMessenger:
	case f.Command == addGroup:
		say(model.KindDomain, string(f.Sender), "netbeui.group")
	case f.Command != addName && f.Command != datagram && f.Command != nameRecognise:
	case f.Suffix == suffixHost:
		say(model.KindHostname, string(f.Sender), "netbeui.name")
	case f.Suffix == suffixServer:
		say(model.KindHostname, string(f.Sender), "netbeui.name")
		say(model.KindRole, "file server", "netbeui.suffix")
	}
	return true
}
