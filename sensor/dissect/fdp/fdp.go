package fdp

import (
	"bytes"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/decode"
	"github.com/wardscope/wardscope/sensor/dissect"
)

type protocol struct{}

// New returns the FDP dissector.
func New() dissect.PacketProtocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "fdp", Transport: dissect.Link, EtherTypes: []uint16{0}}
}

func (protocol) Packet(e dissect.Emitter, p *decode.Packet) bool {
	f, ok := Parse(p.Payload)
	if !ok {
		return false
	}
	say := func(kind model.Kind, v []byte, source string) {
		e.Observe(dissect.Claim{Subject: model.Subject{MAC: p.SrcMAC}, Kind: kind, Value: string(v), Source: source})
	}
	say(model.KindHostname, f.Device, "fdp.device_id")
	say(model.KindIdentifier, f.Port, "fdp.port")
	say(model.KindModel, f.Platform, "fdp.platform")
	say(model.KindBanner, bytes.ReplaceAll(f.Version, []byte{'\n'}, []byte{' '}), "fdp.version")
	return true
}
