package mongodb

import (
	"bytes"
	"encoding/binary"
	"strings"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

// The opcodes.
const (
	opReply   = 1
	opQuery   = 2004
	opMessage = 2013
)

const (
	header      = 16
	maxMessage  = 48 << 20 // bytes: the server's own limit
	maxRead     = 12 << 10 // bytes of a message that is waited for
	maxMessages = 40
)

type protocol struct{}

// New returns the protocol.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "mongodb", Transport: dissect.TCP, Ports: []uint16{27017, 27018, 27019}}
}

// Probe wants a message header and the beginning of its body.
func (protocol) Probe(_ *dissect.Flow, dir dissect.Direction, data []byte) dissect.Verdict {
	if len(data) < header {
		if len(data) >= 4 && plausibleSize(data) == 0 {
			return dissect.NotMine
		}
		return dissect.More
	}
	n := plausibleSize(data)
	answer := binary.LittleEndian.Uint32(data[8:]) != 0
	if n == 0 || answer != (dir == dissect.FromResponder) {
		return dissect.NotMine
	}
	body := data[header:]
	switch binary.LittleEndian.Uint32(data[12:]) {
	case opQuery:
		const name = "admin.$cmd\x00"
		if len(body) < 4+len(name) {
			return dissect.More
		}
		if bytes.Contains(body[4:min(len(body), 128)], []byte(".$cmd\x00")) {
			return dissect.Mine
		}
	case opMessage:
		if len(body) < 10 {
			return dissect.More
		}
		if flags := binary.LittleEndian.Uint32(body); flags&^0x10003 == 0 && body[4] == 0 && int(binary.LittleEndian.Uint32(body[5:])) <= n-header-5 && body[9] > 0 && body[9] < 0x14 {
			return dissect.Mine
		}
	case opReply:
		if len(body) < 24 {
			return dissect.More
		}
		size := int(binary.LittleEndian.Uint32(body[20:]))
		if size > 5 && size <= n-header-20 && binary.LittleEndian.Uint32(body[12:]) == 0 && binary.LittleEndian.Uint32(body[16:]) == 1 {
			return dissect.Mine
		}
	}
	return dissect.NotMine
}

// plausibleSize is the length of a message, 0 when it can be none.
func plausibleSize(data []byte) int {
	n := binary.LittleEndian.Uint32(data)
	if n <= header || n > maxMessage {
		return 0
	}
	return int(n)
}

func (protocol) New() dissect.Dissector { return &session{} }

type session struct {
	messages int
	login    bool // a login was tried
	asked    bool // a command that needs a login was sent
	open     bool // NO_AUTHENTICATION was told
	told     bool
}

func (s *session) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	if len(data) < header {
		return 0, dissect.More
	}
	n := plausibleSize(data)
	if n == 0 {
		return 0, dissect.NotMine
	}
	if n <= maxRead && len(data) < n {
		return 0, dissect.More
	}
	if s.messages++; s.messages > maxMessages {
		return n, dissect.Done
	}
	if !s.told {
		s.told = true
		dissect.Cleartext(e, "mongodb", "mongodb.opcode")
	}
	if n <= maxRead {
		if doc := document(data[header:n], binary.LittleEndian.Uint32(data[12:])); doc != nil {
			if list, ok := elements(doc); ok && len(list) > 0 {
				s.read(e, dir, list)
			}
		}
	}
	return n, dissect.More
}

// document finds the command or its answer in a message's body.
func document(body []byte, op uint32) []byte {
	c := wire.At(body)
	switch op {
	case opQuery:
		c.Skip(4)
		c.Skip(len(wire.Until(c.Rest(), 0)) + 1)
		c.Skip(8)
	case opMessage:
		c.Skip(5)
	case opReply:
		c.Skip(20)
	default: // compressed (2012) among them
		return nil
	}
	return c.Rest()
}

func (s *session) read(e dissect.Emitter, dir dissect.Direction, list []element) {
	if dir == dissect.FromInitiator {
		s.command(e, string(list[0].key), list)
		return
	}
	s.answer(e, list)
}

// command reads what the client wants: the first key names it.
func (s *session) command(e dissect.Emitter, name string, list []element) {
	f := e.Flow()
	switch strings.ToLower(name) {
	case "hello", "ismaster":
		client(e, list)
	case "saslstart":
		s.login = true
		mechanism := find(list, "mechanism").text()
		e.Observe(dissect.Claim{Subject: dissect.About(f.Initiator), Kind: model.KindCapability, Value: known(mechanism), Source: "mongodb.mechanism"})
		if part := bytes.Split(find(list, "payload").value, []byte{0}); mechanism == "PLAIN" && len(part) == 3 {
			e.Login(dissect.Credential{Service: "mongodb", User: string(part[1]), Password: string(part[2]), Server: f.Responder, Client: f.Initiator, Evidence: "mongodb.sasl_start"})
		}
	case "authenticate", "copydbsaslstart":
		s.login = true
	case "find", "getmore", "count", "distinct", "listcollections", "listdatabases":
		s.asked = true
		e.Operate(model.VerbQuery, "collection", model.ResultUnset, 1)
	case "aggregate":
		s.asked = true
		e.Operate(model.VerbQuery, "collection", model.ResultUnset, 1)
	case "insert", "update", "findandmodify":
		s.asked = true
		e.Operate(model.VerbWrite, "collection", model.ResultUnset, 1)
	case "delete", "drop", "dropdatabase":
		s.asked = true
		e.Operate(model.VerbDelete, "collection", model.ResultUnset, 1)
	}
}

func known(mechanism string) string {
	switch mechanism {
	case "PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-256", "GSSAPI", "MONGODB-AWS", "MONGODB-X509", "MONGODB-OIDC":
		return "authentication " + mechanism
	}
	return ""
}

// client reads what a driver says of itself (Handshake specification, "client").
func client(e dissect.Emitter, list []element) {
	parts, _ := elements(find(list, "client").value)
	driver, _ := elements(find(parts, "driver").value)
	system, _ := elements(find(parts, "os").value)
	subject := dissect.About(e.Flow().Initiator)
	e.Observe(dissect.Claim{Subject: subject, Kind: model.KindSoftware, Value: strings.TrimSpace(find(driver, "name").text() + " " + find(driver, "version").text()), Source: "mongodb.driver"})
	name := find(system, "name").text()
	if name == "" {
		name = find(system, "type").text()
	}
	e.Observe(dissect.Claim{Subject: subject, Kind: model.KindOS, Value: strings.TrimSpace(name + " " + find(system, "version").text()), Source: "mongodb.os"})
}

func (s *session) answer(e dissect.Emitter, list []element) {
	f := e.Flow()
	server := dissect.About(f.Responder)
	if version := find(list, "version").text(); version != "" && find(list, "gitVersion").kind == bsonString { // buildInfo
		product := "MongoDB " + version
		if other := find(list, "ferretdbVersion").text(); other != "" { // it speaks as that MongoDB would
			product = "FerretDB " + strings.TrimPrefix(other, "v")
		}
		e.Observe(dissect.Claim{Subject: server, Kind: model.KindSoftware, Value: product, Source: "mongodb.build_info"})
	}
	if w := find(list, "maxWireVersion"); w.kind == bsonInt32 {
		generation(e, binary.LittleEndian.Uint32(w.value))
		host, _, _ := strings.Cut(find(list, "me").text(), ":")
		e.Observe(dissect.Claim{Subject: server, Kind: model.KindHostname, Value: host, Source: "mongodb.me"})
	}
	if s.asked && !s.login && !s.open && find(list, "ok").yes() {
		s.open = true
		e.Report(dissect.Weakness{Type: model.FindingNoAuthentication, Rule: "mongodb.no_authentication", Version: 1, Subject: f.Responder, Peer: f.Initiator, Evidence: "mongodb.ok"})
	}
}

// generation tells the release series by what it speaks (Server Discovery and Monitoring, "wire version").
func generation(e dissect.Emitter, wireVersion uint32) {
	series := map[uint32]string{5: "3.4", 6: "3.6", 7: "4.0", 8: "4.2", 9: "4.4", 13: "5.0", 17: "6.0", 21: "7.0", 25: "8.0"}[wireVersion]
	if series != "" {
		e.Observe(dissect.Claim{Subject: dissect.About(e.Flow().Responder), Kind: model.KindSoftware, Value: "MongoDB " + series, Source: "mongodb.max_wire_version"})
	}
}
