package kerberos

import (
	"encoding/binary"
	"strconv"
	"strings"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

const maxMessages = 16 // later messages of a conversation say nothing new

type protocol struct{}

// New returns the protocol.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "kerberos", Transport: dissect.TCP | dissect.UDP, Ports: []uint16{88}, MaxBuffer: 32 << 10}
}

// Probe wants a message whose length is what the datagram, or the record marking of TCP
// (RFC 4120, section 7.2.2), says.
func (protocol) Probe(f *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	if f.Protocol != 6 {
		if n, ok := isMessage(data); ok && n == len(data) && plausible(data) {
			return dissect.Mine
		}
		return dissect.NotMine
	}
	if data[0] != 0 || len(data) > 4 && !known(data[4]) {
		return dissect.NotMine
	}
	if len(data) < 20 { // up to the version
		return dissect.More
	}
	size := int(binary.BigEndian.Uint32(data))
	if n, ok := isMessage(data[4:]); ok && n == size && plausible(data[4:]) {
		return dissect.Mine
	}
	return dissect.NotMine
}

// plausible looks for the version and the message type that each message begins with: fields 1 and
// 2, or 0 and 1, each a small integer, the first of them 5.
func plausible(data []byte) bool {
	rest, ok := inside(data, data[0])
	if !ok {
		return false
	}
	if rest, ok = inside(rest, 0x30); !ok {
		return false
	}
	return len(rest) >= 5 && (rest[0] == 0xa0 || rest[0] == 0xa1) && rest[1] == 3 && rest[2] == 2 && rest[3] == 1 && rest[4] == 5
}

// inside passes over an identifier octet and a length; what is behind may be cut short.
func inside(data []byte, tag byte) ([]byte, bool) {
	if len(data) < 2 || data[0] != tag {
		return nil, false
	}
	n := 2
	if data[1]&0x80 != 0 {
		n += int(data[1] & 0x7f)
	}
	if n > 6 || n > len(data) {
		return nil, false
	}
	return data[n:], true
}

func (protocol) New() dissect.Dissector { return &session{} }

type token struct{}

// NewToken returns the protocol "gssapi": a message that SMB or LDAP carries. It is never probed,
// only reached by Emitter.Inner.
func NewToken() dissect.Protocol { return token{} }

func (token) Info() dissect.Info { return dissect.Info{Name: "gssapi"} }

func (token) Probe(*dissect.Flow, dissect.Direction, []byte) dissect.Verdict { return dissect.NotMine }

func (token) New() dissect.Dissector { return token{} }

func (token) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	if m, ok := parse(data); ok {
		tell(e, dir, "gssapi", m)
	}
	return len(data), dissect.Done
}

type session struct{ messages int }

func (s *session) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	at, size := 0, len(data)
	if e.Flow().Protocol == 6 && !known(data[0]) {
		if len(data) < 4 {
			return 0, dissect.More
		}
		at = 4
		size = 4 + int(binary.BigEndian.Uint32(data)&0x7fffffff)
		if size > 30<<10 {
			return size, dissect.More
		}
		if len(data) < size {
			return 0, dissect.More
		}
	}
	if m, ok := parse(data[at:size]); ok {
		tell(e, dir, "kerberos", m)
	}
	if s.messages++; s.messages > maxMessages {
		return size, dissect.Done
	}
	return size, dissect.More
}

// tell makes the claims; carrier says in what the message was seen.
func tell(e dissect.Emitter, dir dissect.Direction, carrier string, m message) {
	f := e.Flow()
	claim := func(subject model.Endpoint, kind model.Kind, field, value string) {
		e.Observe(dissect.Claim{Subject: dissect.About(subject), Kind: kind, Value: value, Source: wire.Join(carrier, ".", field)})
	}
	claim(f.Sender(dir), model.KindDomain, "realm", m.realm)
	claim(f.Sender(dir), model.KindHostname, "netbios_address", m.netbios)
	computer := f.Initiator
	if len(m.client) == 1 && strings.HasSuffix(m.client[0], "$") {
		claim(computer, model.KindHostname, "computer_account", strings.TrimSuffix(m.client[0], "$"))
	}
	switch m.tag {
	case tagASReq, tagTGSReq:
		if types := typeList(m.etypes); types != "" {
			claim(f.Sender(dir), model.KindCapability, "etypes", types)
		}
		e.Operate(model.VerbLogin, serviceClass(m.service), model.ResultUnset, 1)
	case tagASRep, tagTGSRep:
		weakTicket(e, f.Sender(dir), f.Receiver(dir), m)
	case tagAPReq:
		if len(m.service) >= 2 && (strings.EqualFold(m.service[0], "host") || strings.EqualFold(m.service[0], "cifs") || strings.EqualFold(m.service[0], "ldap")) {
			claim(f.Receiver(dir), model.KindHostname, "service_name", m.service[1])
		}
	case tagError:
		e.Operate(model.VerbLogin, serviceClass(m.service), model.ResultRefused, 1)
	}
}

// serviceClass is the first component of a service's name when it is one of the usual ones.
func serviceClass(service []string) string {
	if len(service) < 2 {
		return "service"
	}
	switch s := strings.ToLower(service[0]); s {
	case "krbtgt", "host", "cifs", "ldap", "http", "dns", "mssqlsvc", "termsrv", "rpcss", "gc", "nfs", "kadmin":
		return s
	}
	return "service"
}

// weakTicket reports DES (RFC 6649) and RC4 (RFC 8429) in tickets that a KDC gave out.
func weakTicket(e dissect.Emitter, kdc, client model.Endpoint, m message) {
	name := ""
	switch m.ticketET {
	case 1, 2, 3:
		name = "DES"
	case 23, 24:
		name = "RC4"
	}
	if m.ticket && name != "" {
		e.Report(dissect.Weakness{Type: model.FindingWeakCrypto, Rule: "kerberos.weak_encryption", Version: 1, Subject: kdc, Peer: client, Detail: name + " ticket", Evidence: "kerberos.ticket_etype"})
	}
}

func typeList(types []int64) string {
	var room [128]byte
	out := room[:0]
	for i, t := range types {
		if i > 0 {
			out = append(out, ' ')
		}
		out = strconv.AppendInt(out, t, 10)
	}
	return wire.String(out)
}
