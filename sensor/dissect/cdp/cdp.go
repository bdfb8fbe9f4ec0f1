package cdp

import (
	"strconv"
	"strings"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/decode"
	"github.com/wardscope/wardscope/sensor/dissect"
)

type protocol struct{}

// New returns the CDP dissector.
func New() dissect.PacketProtocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "cdp", Transport: dissect.Link, EtherTypes: []uint16{0}}
}

// roles by bit of the capabilities TLV.
var roles = [...]string{"router", "bridge", "source-route bridge", "switch", "", "", "repeater", "telephone"}

func (protocol) Packet(e dissect.Emitter, p *decode.Packet) bool {
	f, ok := Parse(p.Payload)
	if !ok {
		return false
	}
	s := model.Subject{MAC: p.SrcMAC}
	say := func(kind model.Kind, v, source string) {
		if v != "" {
			e.Observe(dissect.Claim{Subject: s, Kind: kind, Value: v, Source: source})
		}
	}
	say(model.KindHostname, string(f.DeviceID), "cdp.device_id")
	say(model.KindHostname, string(f.SystemName), "cdp.system_name")
	say(model.KindIdentifier, string(f.Port), "cdp.port_id")
	say(model.KindModel, string(f.Platform), "cdp.platform")
	say(model.KindBanner, strings.Join(strings.Fields(string(f.Software)), " "), "cdp.software")
	say(model.KindDomain, string(f.VTPDomain), "cdp.vtp_domain")
	if f.NativeVLAN != 0 {
		say(model.KindCapability, "native VLAN "+strconv.Itoa(int(f.NativeVLAN)), "cdp.native_vlan")
	}
	for bit, role := range roles {
		if role != "" && f.Capabilities&(1<<bit) != 0 {
			say(model.KindRole, role, "cdp.capabilities")
		}
	}
	for _, a := range f.Addresses {
		e.Observe(dissect.Claim{Subject: model.Subject{Addr: a, MAC: p.SrcMAC}, Kind: model.KindAddressBinding,
			Value: a.String(), Source: "cdp.address"})
	}
	return true
}
