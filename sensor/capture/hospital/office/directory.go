package office

import (
	"strings"
	"time"

	"github.com/wardscope/wardscope/sensor/capture/hospital/wire"
)

func text(tag byte, v string) []byte { return wire.BER(tag, []byte(v)) }

// principal is a PrincipalName (RFC 4120, section 5.2.2).
func principal(typ uint32, names ...string) []byte {
	var list []byte
	for _, n := range names {
		list = append(list, text(0x1b, n)...)
	}
	return wire.BER(0x30, wire.BER(0xa0, wire.BERInt(typ)), wire.BER(0xa1, wire.BER(0x30, list)))
}

// Login writes a Kerberos AS exchange over UDP for an account; host is the client's NetBIOS
// name in the request's addresses.
func Login(s *wire.Script, realm, account, host string, etypes ...uint32) {
	var kinds []byte
	for _, e := range etypes {
		kinds = append(kinds, wire.BERInt(e)...)
	}
	var padded wire.Buf
	padded.Pad(strings.ToUpper(host), 15, ' ').U8(0x20)
	body := wire.BER(0xa4, wire.BER(0x30,
		wire.BER(0xa0, wire.BER(3, []byte{0, 0x40, 0x81, 0, 0x10})),
		wire.BER(0xa1, principal(1, account)),
		wire.BER(0xa2, text(0x1b, realm)),
		wire.BER(0xa3, principal(2, "krbtgt", realm)),
		wire.BER(0xa5, text(0x18, "20370913024805Z")),
		wire.BER(0xa7, wire.BERInt(uint32(s.Rand.Uint64()>>34))),
		wire.BER(0xa8, wire.BER(0x30, kinds)),
		wire.BER(0xa9, wire.BER(0x30, wire.BER(0x30, wire.BER(0xa0, wire.BERInt(20)), wire.BER(0xa1, wire.BER(4, padded)))))))
	s.Ask(wire.BER(0x6a, wire.BER(0x30, wire.BER(0xa1, wire.BERInt(5)), wire.BER(0xa2, wire.BERInt(10)), body)))
	sealed := func(kind uint32, n int) []byte {
		return wire.BER(0x30, wire.BER(0xa0, wire.BERInt(kind)), wire.BER(0xa1, wire.BERInt(2)), wire.BER(0xa2, wire.BER(4, s.Rand.Bytes(n))))
	}
	ticket := wire.BER(0x61, wire.BER(0x30, wire.BER(0xa0, wire.BERInt(5)), wire.BER(0xa1, text(0x1b, realm)),
		wire.BER(0xa2, principal(2, "krbtgt", realm)), wire.BER(0xa3, sealed(18, 620))))
	s.Answer(wire.BER(0x6b, wire.BER(0x30, wire.BER(0xa0, wire.BERInt(5)), wire.BER(0xa1, wire.BERInt(11)),
		wire.BER(0xa3, text(0x1b, realm)), wire.BER(0xa4, principal(1, account)), wire.BER(0xa5, ticket), wire.BER(0xa6, sealed(etypes[0], 280)))))
}

func ldap(id uint32, op []byte) []byte { return wire.BER(0x30, wire.BERInt(id), op) }

func ldapResult(tag byte) []byte {
	return wire.BER(tag, []byte{0x0a, 1, 0}, wire.BER(4), wire.BER(4))
}

func ldapSearch(base string, scope byte, filter []byte, attributes ...string) []byte {
	var list []byte
	for _, a := range attributes {
		list = append(list, text(4, a)...)
	}
	return wire.BER(0x63, text(4, base), []byte{0x0a, 1, scope, 0x0a, 1, 0}, wire.BERInt(0), wire.BERInt(0), []byte{1, 1, 0}, filter, wire.BER(0x30, list))
}

// BindSimple writes an LDAP session whose password goes in clear.
func BindSimple(s *wire.Script, name, password, base string, searches int) {
	s.Ask(ldap(1, wire.BER(0x60, wire.BERInt(3), text(4, name), text(0x80, password))))
	s.Answer(ldap(1, ldapResult(0x61)))
	for i := range searches {
		id := uint32(i + 2)
		s.Ask(ldap(id, ldapSearch(base, 2, wire.BER(0xa3, text(4, "objectClass"), text(4, "device")), "cn", "serialNumber")))
		s.Answer(ldap(id, wire.BER(0x64, text(4, "CN=CT-SCANNERS,"+base), wire.BER(0x30, wire.BER(0x30, text(4, "cn"), wire.BER(0x31, text(4, "CT-SCANNERS")))))), ldap(id, ldapResult(0x65)))
	}
	s.Ask(ldap(uint32(searches+2), []byte{0x42, 0}))
}

// BindNegotiate writes an LDAP session with SASL GSS-SPNEGO and NTLM inside.
func BindNegotiate(s *wire.Script, client, server Windows) {
	sasl := func(id uint32, token []byte) []byte {
		return ldap(id, wire.BER(0x60, wire.BERInt(3), text(4, ""), wire.BER(0xa3, text(4, "GSS-SPNEGO"), wire.BER(4, token))))
	}
	answer := func(id uint32, code byte, token []byte) []byte {
		return ldap(id, wire.BER(0x61, []byte{0x0a, 1, code}, wire.BER(4), wire.BER(4), wire.BER(0x87, token)))
	}
	s.Ask(sasl(1, negTokenInit(ntlmNegotiate(client))))
	s.Answer(answer(1, 14, negTokenResp(1, ntlmChallenge(server, s.Rand))))
	s.Ask(sasl(2, negTokenResp(1, ntlmAuthenticate(client, s.Rand))))
	s.Answer(answer(2, 0, negTokenResp(0, nil)))
	s.Ask(ldap(3, []byte{0x42, 0}))
}

// NetlogonPing writes the CLDAP question by which a domain member finds its controller
// (MS-ADTS, section 6.3.3).
func NetlogonPing(s *wire.Script, client, server Windows) {
	equal := func(name string, v []byte) []byte { return wire.BER(0xa3, text(4, name), wire.BER(4, v)) }
	filter := wire.BER(0xa0, equal("DnsDomain", []byte(client.DNS)), equal("Host", []byte(client.Host)), equal("NtVer", []byte{0x16, 0, 0, 0x20}))
	s.Ask(ldap(1, ldapSearch("", 0, filter, "Netlogon")))
	var b wire.Buf
	b.U16LE(23, 0).U32LE(0x0000f1fd).Raw(s.Rand.Bytes(16), dnsName(server.DNS), dnsName(server.DNS),
		dnsName(strings.ToLower(server.Host)+"."+server.DNS), dnsName(server.Domain), dnsName(server.Host),
		[]byte{0}, dnsName("Default-First-Site-Name"), dnsName("Default-First-Site-Name")).U32LE(5).U16LE(0xffff, 0xffff)
	entry := wire.BER(0x64, text(4, ""), wire.BER(0x30, wire.BER(0x30, text(4, "Netlogon"), wire.BER(0x31, wire.BER(4, b)))))
	s.Say(wire.Server, time.Millisecond, ldap(1, entry), ldap(1, ldapResult(0x65)))
}
