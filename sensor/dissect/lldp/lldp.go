package lldp

import (
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/decode"
	"github.com/wardscope/wardscope/sensor/dissect"
)

type protocol struct{}

// New returns the LLDP dissector.
func New() dissect.PacketProtocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "lldp", Transport: dissect.Link, EtherTypes: []uint16{0x88cc}}
}

// roles by bit of the capabilities TLV (IEEE 802.1AB-2016, table 8-4).
var roles = [...]string{"", "repeater", "switch", "access point", "router", "telephone", "cable modem", "station"}

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
	say(model.KindIdentifier, f.Chassis, "lldp.chassis_id")
	say(model.KindIdentifier, f.Port, "lldp.port_id")
	say(model.KindHostname, string(f.SystemName), "lldp.system_name")
	say(model.KindBanner, string(f.SystemDescription), "lldp.system_description")
	say(model.KindHardwareRevision, string(f.HardwareRev), "lldp.med_hardware")
	say(model.KindFirmware, string(f.FirmwareRev), "lldp.med_firmware")
	say(model.KindSoftware, string(f.SoftwareRev), "lldp.med_software")
	say(model.KindSerial, string(f.Serial), "lldp.med_serial")
	say(model.KindVendor, string(f.Maker), "lldp.med_manufacturer")
	say(model.KindModel, string(f.Model), "lldp.med_model")
	say(model.KindIdentifier, f.ProfinetMAC.String(), "lldp.profinet_mac")
	say(model.KindIdentifier, string(f.MUD), "lldp.mud_url")
	for bit, role := range roles {
		if role != "" && f.Capabilities&(1<<bit) != 0 {
			say(model.KindRole, role, "lldp.capabilities")
		}
	}
	for _, a := range f.Management {
		if !a.IsUnspecified() {
			e.Observe(dissect.Claim{Subject: model.Subject{Addr: a, MAC: p.SrcMAC}, Kind: model.KindAddressBinding,
				Value: a.String(), Source: "lldp.management_address"})
		}
	}
	return true
}
