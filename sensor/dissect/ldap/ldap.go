package ldap

import (
	"bytes"
	"slices"
	"strings"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

const (
	maxWhole    = 32 << 10 // bytes of a message that is looked into
	maxMessages = 60
)

type protocol struct{}

// New returns the protocol.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "ldap", Transport: dissect.TCP | dissect.UDP, Ports: []uint16{389, 3268}, MaxBuffer: maxWhole + 8}
}

// Probe wants a message: a sequence, a message id, and an operation that exists. SNMP has a version
// where the message id is, and an octet string behind it.
func (protocol) Probe(f *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	n, ok := size(data)
	if !ok {
		return dissect.NotMine
	}
	if len(data) < 12 && (n == 0 || n > len(data)) {
		if f.Protocol != 6 {
			return dissect.NotMine
		}
		return dissect.More
	}
	op, body, ok := operation(data)
	if !ok || f.Protocol != 6 && n != len(data) {
		return dissect.NotMine
	}
	if whole := n <= len(data); whole && !shaped(op, body) {
		return dissect.NotMine
	}
	return dissect.Mine
}

// shaped looks at the first element of an operation's body.
func shaped(op uint8, body wire.Cursor) bool {
	if op == opUnbind || op == opDelete || op == 0x50 {
		return true
	}
	if body.Len() == 0 {
		return false
	}
	switch tag := body.Rest()[0]; op {
	case opBind:
		return tag == 0x02
	case opBindResponse, opSearchDone, opExtendedReply, 0x67, 0x69, 0x6b, 0x6d, 0x6f:
		return tag == 0x0a
	case opSearch, opSearchEntry, opModify, opAdd, 0x6c, 0x6e, 0x73:
		return tag == 0x04
	case opExtended, 0x79:
		return tag&0xc0 == 0x80
	}
	return false
}

func (protocol) New() dissect.Dissector { return &session{} }

type session struct {
	told, startTLS, sealed bool
	messages               int
}

func (s *session) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	n, ok := size(data)
	if !ok {
		if s.sealed { // a security layer in the place of messages (RFC 4513, section 5.2.1.7)
			e.Encrypted()
			return len(data), dissect.Done
		}
		return 0, dissect.NotMine
	}
	if n == 0 || len(data) < min(n, 16) {
		return 0, dissect.More
	}
	if n <= maxWhole && len(data) < n {
		return 0, dissect.More
	}
	udp := e.Flow().Protocol != 6
	if !s.told {
		s.told = true
		if udp {
			e.Service("cldap")
		} else {
			dissect.Cleartext(e, "ldap", "ldap.operation")
		}
	}
	if op, body, ok := operation(data[:min(n, len(data))]); ok {
		s.operation(e, dir, op, body, data[:min(n, len(data))])
	}
	if s.messages++; s.messages > maxMessages {
		return n, dissect.Done
	}
	return n, dissect.More
}

func (s *session) operation(e dissect.Emitter, dir dissect.Direction, op uint8, body wire.Cursor, raw []byte) {
	switch op {
	case opBind:
		s.bind(e, dir, body, raw)
	case opBindResponse:
		code := body.Expect(0x0a)
		result := model.ResultRefused
		switch code.Int() {
		case 0:
			result = model.ResultOK
		case 14: // the exchange goes on
			result = model.ResultUnset
		}
		if result != model.ResultUnset {
			e.Operate(model.VerbLogin, "directory", result, 1)
		}
		tokens(e, dir, raw)
	case opExtended:
		name := body.Expect(0x80)
		s.startTLS = string(name.Rest()) == oidStartTLS
	case opExtendedReply:
		if code := body.Expect(0x0a); s.startTLS && code.Int() == 0 {
			e.Handoff("tls")
		}
	case opSearch:
		e.Operate(model.VerbQuery, "directory", model.ResultUnset, 1)
	case opSearchEntry:
		if x, ok := parseEntry(body); ok && x.root {
			s.root(e, dir, x)
		}
	case opModify, opAdd:
		e.Operate(model.VerbWrite, "directory", model.ResultUnset, 1)
	case opDelete:
		e.Operate(model.VerbDelete, "directory", model.ResultUnset, 1)
	}
}

// bind reads a BindRequest (RFC 4511, section 4.2).
func (s *session) bind(e dissect.Emitter, dir dissect.Direction, body wire.Cursor, raw []byte) {
	body.Expect(0x02)
	name := body.Expect(0x04)
	kind, value := body.TLV()
	if !body.OK() {
		return
	}
	f := e.Flow()
	switch kind {
	case 0x80: // simple; an empty secret is an anonymous or unauthenticated bind (RFC 4513, section 5.1)
		if value.Len() > 0 {
			e.Login(dissect.Credential{Service: "ldap", User: string(name.Rest()), Password: string(value.Rest()),
				Server: f.Receiver(dir), Client: f.Sender(dir), Evidence: "ldap.simple"})
		}
	case 0xa3:
		mechanism := value.Expect(0x04)
		s.sealed = true
		if m := mechanism.Rest(); wire.Printable(m) && len(m) <= 20 {
			e.Observe(dissect.Claim{Subject: dissect.About(f.Sender(dir)), Kind: model.KindCapability, Value: wire.Join("SASL ", wire.String(m)), Source: "ldap.mechanism"})
		}
		tokens(e, dir, raw)
	}
}

// oidKerberos is 1.2.840.113554.1.2.2 in BER, before the token's kind (RFC 4121, section 4.1).
var oidKerberos = []byte("\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x01\x00")

func tokens(e dissect.Emitter, dir dissect.Direction, raw []byte) {
	if i := bytes.Index(raw, []byte("NTLMSSP\x00")); i >= 0 {
		e.Inner("ntlm", dir, raw[i:])
	}
	if _, after, ok := bytes.Cut(raw, oidKerberos); ok {
		e.Inner("gssapi", dir, after)
	}
}

// root tells the attributes of the root entry (RFC 4512, section 5.1; [MS-ADTS], section 3.1.1.3.2).
func (s *session) root(e dissect.Emitter, dir dissect.Direction, x entry) {
	server := dissect.About(e.Flow().Sender(dir))
	claim := func(kind model.Kind, field, value string) {
		e.Observe(dissect.Claim{Subject: server, Kind: kind, Value: value, Source: wire.Join("ldap.", field)})
	}
	for _, a := range x.attributes {
		if len(a.values) == 0 {
			continue
		}
		v := a.values[0]
		switch strings.ToLower(a.name) {
		case "dnshostname":
			claim(model.KindHostname, "dns_host_name", v)
		case "defaultnamingcontext":
			claim(model.KindDomain, "default_naming_context", v)
		case "rootdomainnamingcontext":
			claim(model.KindDomain, "root_naming_context", v)
		case "namingcontexts":
			for _, v := range a.values {
				if strings.HasPrefix(strings.ToLower(v), "dc=") { // other forms may name what people chose
					claim(model.KindDomain, "naming_context", v)
				}
			}
		case "objectclass":
			if slices.Contains(a.values, "OpenLDAProotDSE") {
				claim(model.KindSoftware, "root_class", "OpenLDAP")
			}
		case "vendorname":
			claim(model.KindVendor, "vendor_name", v)
		case "vendorversion":
			claim(model.KindSoftware, "vendor_version", v)
		case "domaincontrollerfunctionality":
			claim(model.KindRole, "controller_level", "domain controller, level "+v)
		case "netlogon":
			if n, ok := parseNetlogon([]byte(v)); ok {
				claim(model.KindRole, "netlogon", "domain controller")
				claim(model.KindHostname, "netlogon_host", n.host)
				claim(model.KindDomain, "netlogon_domain", n.domain)
				claim(model.KindDomain, "netlogon_forest", n.forest)
				claim(model.KindHostname, "netlogon_netbios", n.nbHost)
			}
		}
	}
}
