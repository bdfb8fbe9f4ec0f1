package profinet

import (
	"fmt"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/decode"
	"github.com/wardscope/wardscope/sensor/dissect"
)

type protocol struct{}

// New returns the PROFINET dissector.
func New() dissect.PacketProtocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "profinet-dcp", Transport: dissect.Link, EtherTypes: []uint16{0x8892}}
}

var roles = [...]string{"PROFINET device", "PROFINET controller", "PROFINET multidevice", "PROFINET supervisor"}

func (protocol) Packet(e dissect.Emitter, p *decode.Packet) bool {
	f, ok := Parse(p.Payload)
	if !ok {
		return false
	}
	if !f.DCP {
		e.Service("profinet")
		return true
	}
	s := model.Subject{MAC: p.SrcMAC}
	if f.Service == Set && !f.Response { // what is set holds for the receiver
		if s.MAC = p.DstMAC; s.MAC.IsGroup() {
			return true
		}
		for _, option := range f.Sets {
			e.Operate(model.VerbConfigure, fmt.Sprintf("dcp option %d.%d", option>>8, option&0xff), model.ResultUnset, 1)
		}
	}
	say := func(kind model.Kind, v, source string) {
		e.Observe(dissect.Claim{Subject: s, Kind: kind, Value: v, Source: source})
	}
	say(model.KindHostname, string(f.Station), "profinet-dcp.name_of_station")
	say(model.KindModel, string(f.Type), "profinet-dcp.type_of_station")
	if f.HasDevice {
		say(model.KindIdentifier, fmt.Sprintf("PROFINET vendor %#06x device %#06x", f.Vendor, f.Device), "profinet-dcp.device_id")
	}
	for bit, role := range roles {
		if f.Role&(1<<bit) != 0 {
			say(model.KindRole, role, "profinet-dcp.role")
		}
	}
	if !f.Addr.IsUnspecified() {
		s.Addr = f.Addr
		say(model.KindAddressBinding, f.Addr.String(), "profinet-dcp.ip_address")
	}
	return true
}
