package pipeline

import (
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/arp"
	"github.com/wardscope/wardscope/sensor/dissect/browser"
	"github.com/wardscope/wardscope/sensor/dissect/cdp"
	"github.com/wardscope/wardscope/sensor/dissect/dhcp"
	"github.com/wardscope/wardscope/sensor/dissect/dhcpv6"
	"github.com/wardscope/wardscope/sensor/dissect/dicom"
	"github.com/wardscope/wardscope/sensor/dissect/dns"
	"github.com/wardscope/wardscope/sensor/dissect/eapol"
	"github.com/wardscope/wardscope/sensor/dissect/ftp"
	"github.com/wardscope/wardscope/sensor/dissect/hsrp"
	"github.com/wardscope/wardscope/sensor/dissect/http"
	"github.com/wardscope/wardscope/sensor/dissect/icmp"
	"github.com/wardscope/wardscope/sensor/dissect/igmp"
	"github.com/wardscope/wardscope/sensor/dissect/lldp"
	"github.com/wardscope/wardscope/sensor/dissect/llmnr"
	"github.com/wardscope/wardscope/sensor/dissect/mdns"
	"github.com/wardscope/wardscope/sensor/dissect/nbns"
	"github.com/wardscope/wardscope/sensor/dissect/ndp"
	"github.com/wardscope/wardscope/sensor/dissect/ssdp"
	"github.com/wardscope/wardscope/sensor/dissect/stp"
	"github.com/wardscope/wardscope/sensor/dissect/tls"
)

// Protocols lists every dissector of conversations: one line a protocol.
func Protocols() []dissect.Protocol {
	return []dissect.Protocol{
		browser.New(),
		dhcp.New(),
		dhcpv6.New(),
		dicom.New(),
		dns.New(),
		ftp.New(),
		hsrp.New(),
		http.New(),
		llmnr.New(),
		mdns.New(),
		nbns.New(),
		ssdp.New(),
		tls.New(),
		tls.NewDTLS(),
		tls.NewHandshake(),
	}
}

// PacketProtocols lists every dissector of single packets: one line a protocol.
func PacketProtocols() []dissect.PacketProtocol {
	return []dissect.PacketProtocol{
		arp.New(),
		cdp.New(),
		eapol.New(),
		icmp.New(),
		icmp.NewV6(),
		igmp.New(),
		lldp.New(),
		ndp.New(),
		stp.New(),
	}
}
