package edp

import (
	"fmt"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/decode"
	"github.com/wardscope/wardscope/sensor/dissect"
)

type protocol struct{}

// New returns the EDP dissector.
func New() dissect.PacketProtocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "edp", Transport: dissect.Link, EtherTypes: []uint16{0}}
}

func (protocol) Packet(e dissect.Emitter, p *decode.Packet) bool {
	f, ok := Parse(p.Payload)
	if !ok {
		return false
	}
	say := func(kind model.Kind, v, source string) {
		e.Observe(dissect.Claim{Subject: model.Subject{MAC: p.SrcMAC}, Kind: kind, Value: v, Source: source})
	}
	say(model.KindVendor, "Extreme Networks", "edp.frame")
	say(model.KindRole, "switch", "edp.frame")
	say(model.KindIdentifier, f.Machine.String(), "edp.machine_id")
	say(model.KindHostname, string(f.Name), "edp.display")
	if f.HasInfo {
		say(model.KindFirmware, fmt.Sprintf("%d.%d.%d.%d", f.Version[0], f.Version[1], f.Version[2], f.Version[3]), "edp.version")
		say(model.KindIdentifier, fmt.Sprintf("port %d:%d", f.Slot+1, f.Port+1), "edp.port")
	}
	return true
}
