package dhcpv6

import (
	"encoding/binary"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
)

type protocol struct{}

// New returns the DHCPv6 dissector.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "dhcpv6", Transport: dissect.UDP, Ports: []uint16{546, 547}}
}

func (protocol) Probe(_ *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	if _, ok := Parse(data); !ok {
		return dissect.NotMine
	}
	return dissect.Mine
}

func (protocol) New() dissect.Dissector { return dissector{} }

type dissector struct{}

const reply = 7

func (dissector) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	m, ok := Parse(data)
	if !ok {
		return len(data), dissect.More
	}
	sender := dissect.About(e.Flow().Sender(dir))
	switch m.Type {
	case 2, reply, 10: // advertise, reply, reconfigure: a server speaks
		if m.Relayed {
			break // its address is not in the message
		}
		say(e, sender, model.KindRole, "DHCPv6 server", "dhcpv6.message")
		say(e, sender, model.KindIdentifier, hex.EncodeToString(m.ServerID), "dhcpv6.server_duid")
		client := dissect.About(e.Flow().Receiver(dir))
		if m.Type == reply && !client.Addr.IsMulticast() {
			for _, a := range m.Addresses {
				say(e, model.Subject{Addr: a, MAC: client.MAC}, model.KindAddressBinding, a.String(), "dhcpv6.iaaddr")
				say(e, model.Subject{Addr: a, MAC: client.MAC}, model.KindIdentifier, hex.EncodeToString(m.ClientID), "dhcpv6.client_duid")
			}
		}
	default:
		if m.Relayed {
			sender = model.Subject{Addr: m.Peer, MAC: m.MAC}
		}
		request(e, sender, &m)
	}
	return len(data), dissect.More
}

func request(e dissect.Emitter, client model.Subject, m *Message) {
	say(e, client, model.KindIdentifier, hex.EncodeToString(m.ClientID), "dhcpv6.client_duid")
	say(e, client, model.KindHostname, m.FQDN, "dhcpv6.fqdn")
	say(e, client, model.KindFingerprint, string(m.VendorClass), "dhcpv6.vendor_class")
	say(e, client, model.KindFingerprint, string(m.UserClass), "dhcpv6.user_class")
	say(e, client, model.KindIdentifier, string(m.MUD), "dhcpv6.mud_url")
	var order strings.Builder
	for i := 0; i+1 < len(m.Requested); i += 2 {
		if i > 0 {
			order.WriteByte(',')
		}
		order.WriteString(strconv.Itoa(int(binary.BigEndian.Uint16(m.Requested[i:]))))
	}
	say(e, client, model.KindFingerprint, order.String(), "dhcpv6.option_request")
	if len(m.Architecture) >= 2 {
		say(e, client, model.KindFingerprint, "architecture "+strconv.Itoa(int(binary.BigEndian.Uint16(m.Architecture))), "dhcpv6.architecture")
	}
}

func say(e dissect.Emitter, s model.Subject, kind model.Kind, v, source string) {
	e.Observe(dissect.Claim{Subject: s, Kind: kind, Value: v, Source: source})
}
