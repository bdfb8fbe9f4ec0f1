package pipeline

import (
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/arp"
	"github.com/wardscope/wardscope/sensor/dissect/bacnet"
	"github.com/wardscope/wardscope/sensor/dissect/browser"
	"github.com/wardscope/wardscope/sensor/dissect/cdp"
	"github.com/wardscope/wardscope/sensor/dissect/dhcp"
	"github.com/wardscope/wardscope/sensor/dissect/dhcpv6"
	"github.com/wardscope/wardscope/sensor/dissect/dicom"
	"github.com/wardscope/wardscope/sensor/dissect/dns"
	"github.com/wardscope/wardscope/sensor/dissect/eapol"
	"github.com/wardscope/wardscope/sensor/dissect/ftp"
	"github.com/wardscope/wardscope/sensor/dissect/hl7"
	"github.com/wardscope/wardscope/sensor/dissect/hsrp"
	"github.com/wardscope/wardscope/sensor/dissect/http"
	"github.com/wardscope/wardscope/sensor/dissect/icmp"
	"github.com/wardscope/wardscope/sensor/dissect/igmp"
	"github.com/wardscope/wardscope/sensor/dissect/imap"
	"github.com/wardscope/wardscope/sensor/dissect/kerberos"
	"github.com/wardscope/wardscope/sensor/dissect/ldap"
	"github.com/wardscope/wardscope/sensor/dissect/lldp"
	"github.com/wardscope/wardscope/sensor/dissect/llmnr"
	"github.com/wardscope/wardscope/sensor/dissect/mdns"
	"github.com/wardscope/wardscope/sensor/dissect/modbus"
	"github.com/wardscope/wardscope/sensor/dissect/mqtt"
	"github.com/wardscope/wardscope/sensor/dissect/nbns"
	"github.com/wardscope/wardscope/sensor/dissect/ndp"
	"github.com/wardscope/wardscope/sensor/dissect/ntlm"
	"github.com/wardscope/wardscope/sensor/dissect/pop3"
	"github.com/wardscope/wardscope/sensor/dissect/quic"
	"github.com/wardscope/wardscope/sensor/dissect/rdp"
	"github.com/wardscope/wardscope/sensor/dissect/rtsp"
	"github.com/wardscope/wardscope/sensor/dissect/sip"
	"github.com/wardscope/wardscope/sensor/dissect/smb"
	"github.com/wardscope/wardscope/sensor/dissect/smtp"
	"github.com/wardscope/wardscope/sensor/dissect/snmp"
	"github.com/wardscope/wardscope/sensor/dissect/ssdp"
	"github.com/wardscope/wardscope/sensor/dissect/ssh"
	"github.com/wardscope/wardscope/sensor/dissect/stp"
	"github.com/wardscope/wardscope/sensor/dissect/telnet"
	"github.com/wardscope/wardscope/sensor/dissect/tls"
	"github.com/wardscope/wardscope/sensor/dissect/vnc"
)

// Protocols lists every dissector of conversations: one line a protocol.
func Protocols() []dissect.Protocol {
	return []dissect.Protocol{
		bacnet.New(),
		browser.New(),
		dhcp.New(),
		dhcpv6.New(),
		dicom.New(),
		dns.New(),
		ftp.New(),
		hl7.New(),
		hsrp.New(),
		http.New(),
		imap.New(),
		kerberos.New(),
		ldap.New(),
		llmnr.New(),
		mdns.New(),
		modbus.New(),
		mqtt.New(),
		nbns.New(),
		ntlm.New(),
		pop3.New(),
		quic.New(),
		rdp.New(),
		rtsp.New(),
		sip.New(),
		smb.New(),
		smtp.New(),
		snmp.New(),
		ssdp.New(),
		ssh.New(),
		telnet.New(),
		tls.New(),
		tls.NewDTLS(),
		tls.NewHandshake(),
		vnc.New(),
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
