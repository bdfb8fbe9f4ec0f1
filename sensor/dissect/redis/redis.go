package redis

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

const (
	maxArguments = 5       // of a command that are looked at
	maxShort     = 128     // bytes of an argument that is looked at
	maxInfo      = 8 << 10 // bytes of an answer that is looked at
	maxItems     = 400     // lines and strings of a conversation
	maxBulk      = 512 << 20
)

type protocol struct{}

// New returns the protocol.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "redis", Transport: dissect.TCP, Ports: []uint16{6379, 26379}}
}

// Probe wants an array of bulk strings that begins with a command's name.
func (protocol) Probe(_ *dissect.Flow, dir dissect.Direction, data []byte) dissect.Verdict {
	if dir == dissect.FromResponder {
		return dissect.More
	}
	c := wire.At(data)
	for _, mark := range []byte{'*', '$'} {
		line, ok := c.Line()
		if !ok {
			line = c.Rest()
		}
		if len(line) > 0 && line[0] != mark || len(line) > 6 {
			return dissect.NotMine
		}
		if !ok {
			return dissect.More
		}
		if n, valid := count(line); !valid || n < 1 || n > 1024 {
			return dissect.NotMine
		}
	}
	line, ok := c.Line()
	if !ok {
		line = c.Rest()
	}
	for _, b := range line {
		if (b|0x20 < 'a' || b|0x20 > 'z') && b != '.' && b != '_' && (b != '\r' || ok) {
			return dissect.NotMine
		}
	}
	switch {
	case ok && len(line) > 1:
		return dissect.Mine
	case ok || len(line) > 32:
		return dissect.NotMine
	}
	return dissect.More
}

// count reads the number behind a line's mark.
func count(line []byte) (int, bool) {
	if len(line) < 2 || len(line) > 11 {
		return 0, false
	}
	n, err := strconv.Atoi(string(line[1:]))
	return n, err == nil && n >= -1 && n <= maxBulk
}

func (protocol) New() dissect.Dissector { return &session{} }

type session struct {
	items     int
	left      int      // arguments of the client's command to come
	arguments []string // of the current command
	login     bool     // a login was tried
	asked     bool
	told      bool
	open      bool
	last      string // string of the server before the current one
}

func (s *session) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	if s.items++; s.items > maxItems {
		return len(data), dissect.Done
	}
	if !s.told {
		s.told = true
		dissect.Cleartext(e, "redis", "redis.command")
	}
	c := wire.At(data)
	line, ok := c.Line()
	if !ok {
		if len(data) > 1024 {
			return 0, dissect.NotMine
		}
		s.items--
		return 0, dissect.More
	}
	used := len(data) - c.Len()
	if len(line) == 0 {
		return used, dissect.More
	}
	n, valid := 0, true
	if line[0] == '$' || line[0] == '=' || line[0] == '*' {
		n, valid = count(line)
	}
	if !valid {
		return 0, dissect.NotMine
	}
	if line[0] != '$' && line[0] != '=' {
		s.line(e, dir, line, n)
		return used, dissect.More
	}
	limit := maxShort
	if dir == dissect.FromResponder {
		limit = maxInfo
	}
	if n > limit || dir == dissect.FromInitiator && len(s.arguments) >= maxArguments || n < 0 {
		s.bulk(e, dir, nil)
		return used + max(n, -2) + 2, dissect.More
	}
	value := c.Bytes(n)
	if c.Skip(2); !c.OK() {
		s.items--
		return 0, dissect.More
	}
	s.bulk(e, dir, value)
	return len(data) - c.Len(), dissect.More
}

// line reads what is no bulk string.
func (s *session) line(e dissect.Emitter, dir dissect.Direction, line []byte, n int) {
	if dir == dissect.FromInitiator {
		if line[0] == '*' {
			s.left, s.arguments = n, s.arguments[:0]
		}
		return
	}
	if line[0] == '-' {
		if bytes.HasPrefix(line, []byte("-NOAUTH")) {
			s.login = true
		}
		return
	}
	s.answered(e)
	if line[0] == '+' {
		s.last = ""
	}
}

// answered tells, once, that a server obeys without a login: it must have been seen from its begin.
func (s *session) answered(e dissect.Emitter) {
	f := e.Flow()
	if s.open || s.login || !s.asked || f.Inferred {
		return
	}
	s.open = true
	e.Report(dissect.Weakness{Type: model.FindingNoAuthentication, Rule: "redis.no_authentication", Version: 1, Subject: f.Responder, Peer: f.Initiator, Evidence: "redis.answer"})
}

func (s *session) bulk(e dissect.Emitter, dir dissect.Direction, value []byte) {
	if dir == dissect.FromResponder {
		s.answered(e)
		s.info(e, value)
		s.last = string(value[:min(len(value), 16)])
		return
	}
	if len(s.arguments) < maxArguments {
		s.arguments = append(s.arguments, string(value))
	}
	if s.left--; s.left == 0 && len(s.arguments) > 0 {
		s.command(e, strings.ToUpper(s.arguments[0]), s.arguments[1:])
	}
}

func (s *session) command(e dissect.Emitter, name string, argument []string) {
	f := e.Flow()
	credential := dissect.Credential{Service: "redis", User: "default", Server: f.Responder, Client: f.Initiator, Evidence: "redis.auth"}
	switch name {
	case "AUTH":
		s.login = true
		if n := len(argument); n > 0 && n < 3 {
			credential.Password = argument[n-1]
			if n == 2 {
				credential.User = argument[0]
			}
			e.Login(credential)
		}
		return
	case "HELLO":
		if len(argument) >= 4 && strings.EqualFold(argument[1], "AUTH") {
			s.login = true
			credential.User, credential.Password = argument[2], argument[3]
			e.Login(credential)
		}
		return
	case "CLIENT":
		if len(argument) == 3 && strings.EqualFold(argument[0], "SETINFO") {
			e.Observe(dissect.Claim{Subject: dissect.About(f.Initiator), Kind: model.KindSoftware, Value: library(argument[1], argument[2]), Source: "redis.client_setinfo"})
		}
		return
	case "GET", "MGET", "HGET", "HGETALL", "LRANGE", "SMEMBERS", "KEYS", "SCAN", "EXISTS", "TTL":
		e.Operate(model.VerbQuery, "key", model.ResultUnset, 1)
	case "SET", "SETEX", "MSET", "HSET", "LPUSH", "RPUSH", "SADD", "ZADD", "INCR", "EXPIRE", "XADD":
		e.Operate(model.VerbWrite, "key", model.ResultUnset, 1)
	case "DEL", "UNLINK", "FLUSHALL", "FLUSHDB":
		e.Operate(model.VerbDelete, "key", model.ResultUnset, 1)
	case "SUBSCRIBE", "PSUBSCRIBE", "PUBLISH":
		e.Operate(model.VerbNotify, "channel", model.ResultUnset, 1)
	case "EVAL", "EVALSHA", "MODULE", "FUNCTION", "CONFIG", "REPLICAOF", "SLAVEOF":
		e.Operate(model.VerbConfigure, "server", model.ResultUnset, 1)
	case "INFO", "PING":
	default:
		return
	}
	s.asked = true
}

// library is the name that a library gives itself; versions come apart and say nothing alone.
func library(key, value string) string {
	if !strings.EqualFold(key, "LIB-NAME") {
		return ""
	}
	name, _, _ := strings.Cut(value, "(") // what a wrapper adds
	return name
}

// info reads the answers to INFO ("key:value" lines) and HELLO (keys and values in turn).
func (s *session) info(e dissect.Emitter, value []byte) {
	server := dissect.About(e.Flow().Responder)
	software := func(version string) {
		e.Observe(dissect.Claim{Subject: server, Kind: model.KindSoftware, Value: "Redis " + version, Source: "redis.redis_version"})
	}
	if s.last == "version" && wire.Printable(value) && len(value) < 32 {
		software(string(value))
		return
	}
	value = bytes.TrimPrefix(value, []byte("txt:")) // of a verbatim string
	if !bytes.HasPrefix(value, []byte("# ")) {
		return
	}
	for line := range bytes.Lines(value) {
		key, text, _ := bytes.Cut(bytes.TrimSpace(line), []byte(":"))
		switch string(key) {
		case "redis_version":
			software(string(text))
		case "os":
			e.Observe(dissect.Claim{Subject: server, Kind: model.KindOS, Value: string(text), Source: "redis.os"})
		case "redis_mode":
			e.Observe(dissect.Claim{Subject: server, Kind: model.KindCapability, Value: "mode " + string(text), Source: "redis.redis_mode"})
		}
	}
}
