package memcached

import (
	"bytes"
	"encoding/binary"
	"strconv"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

const (
	magicRequest  = 0x80
	magicResponse = 0x81
	binaryHeader  = 24
	opVersion     = 0x0b
	opSASL        = 0x21
	lastOp        = 0x3d
	udpHeader     = 8
	maxLine       = 2048 // bytes
	maxItems      = 200
	maxValue      = 1 << 30 // bytes
)

type protocol struct{}

// New returns the protocol.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "memcached", Transport: dissect.TCP | dissect.UDP, Ports: []uint16{11211}, ProbeBytes: maxLine}
}

// Probe wants a storage command or an answer in all its fields, or a binary header. What else clients
// say ("stats", "get x") could be anyone's: then the answer decides.
func (protocol) Probe(f *dissect.Flow, dir dissect.Direction, data []byte) dissect.Verdict {
	if f.Protocol != 6 {
		if len(data) <= udpHeader || data[6] != 0 || data[7] != 0 || binary.BigEndian.Uint16(data[4:]) == 0 {
			return dissect.NotMine
		}
		if data = data[udpHeader:]; !bytes.ContainsRune(data, '\n') {
			return dissect.NotMine
		}
	}
	if data[0] == magicRequest || data[0] == magicResponse {
		return probeBinary(dir, data)
	}
	if !wire.Printable(data[:1]) {
		return dissect.NotMine
	}
	c := wire.At(data)
	line, ok := c.Line()
	if !ok {
		return dissect.More
	}
	word := bytes.Fields(line)
	if len(word) == 0 {
		return dissect.NotMine
	}
	if dir == dissect.FromInitiator {
		switch string(word[0]) {
		case "set", "add", "replace", "append", "prepend", "cas":
			if _, ok := storage(word); ok {
				return dissect.Mine
			}
		case "get", "gets", "stats", "version", "delete", "incr", "decr", "touch", "gat", "mn", "mg", "ms":
			return dissect.More
		}
		return dissect.NotMine
	}
	return probeAnswer(word)
}

func probeAnswer(word [][]byte) dissect.Verdict {
	switch string(word[0]) {
	case "VERSION":
		if len(word) == 2 && bytes.Count(word[1], []byte(".")) == 2 && word[1][0] >= '0' && word[1][0] <= '9' {
			return dissect.Mine
		}
	case "STAT":
		if len(word) == 3 && string(word[1]) == "pid" {
			return dissect.Mine
		}
	case "VALUE":
		if _, ok := valueSize(word); ok {
			return dissect.Mine
		}
	}
	return dissect.NotMine
}

// storage is the length of the data behind a storage command: "set key flags exptime bytes [cas] [noreply]".
func storage(word [][]byte) (int, bool) {
	if len(word) < 5 || len(word) > 7 || len(word[1]) > 250 {
		return 0, false
	}
	for _, number := range word[2:4] {
		if _, err := strconv.ParseInt(string(number), 10, 64); err != nil {
			return 0, false
		}
	}
	n, err := strconv.Atoi(string(word[4]))
	return n, err == nil && n >= 0 && n <= maxValue
}

// valueSize is the length of the data behind "VALUE key flags bytes [cas]".
func valueSize(word [][]byte) (int, bool) {
	if len(word) < 4 || len(word) > 5 {
		return 0, false
	}
	if _, err := strconv.ParseUint(string(word[2]), 10, 32); err != nil {
		return 0, false
	}
	n, err := strconv.Atoi(string(word[3]))
	return n, err == nil && n >= 0 && n <= maxValue
}

func probeBinary(dir dissect.Direction, data []byte) dissect.Verdict {
	if data[0] == magicRequest != (dir == dissect.FromInitiator) {
		return dissect.NotMine
	}
	if len(data) < binaryHeader {
		return dissect.More
	}
	key, extras, total := int(binary.BigEndian.Uint16(data[2:])), int(data[4]), int(binary.BigEndian.Uint32(data[8:]))
	if data[1] > lastOp || data[5] != 0 || key > 250 || extras > 20 || extras+key > total || total > 1<<20 ||
		dir == dissect.FromInitiator && (data[6] != 0 || data[7] != 0 || total > 0 && len(data) > binaryHeader+total && data[binaryHeader+total] != magicRequest) {
		return dissect.NotMine
	}
	if len(data) == binaryHeader+total || len(data) > binaryHeader+total && data[binaryHeader+total] == data[0] {
		return dissect.Mine
	}
	return dissect.More
}

func (protocol) New() dissect.Dissector { return &session{} }

type session struct {
	items int
	told  bool
	login bool
	open  bool
}

func (s *session) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	if !s.told {
		s.told = true
		dissect.Cleartext(e, "memcached", "memcached.command")
	}
	if s.items++; s.items > maxItems {
		return len(data), dissect.Done
	}
	if e.Flow().Protocol != 6 {
		if len(data) > udpHeader {
			s.text(e, data[udpHeader:])
		}
		return len(data), dissect.More
	}
	if data[0] == magicRequest || data[0] == magicResponse {
		return s.binary(e, dir, data)
	}
	n := s.text(e, data)
	if n == 0 && len(data) >= maxLine {
		return 0, dissect.NotMine
	}
	return n, dissect.More
}

// text reads one line; the data block behind it counts as read.
func (s *session) text(e dissect.Emitter, data []byte) int {
	c := wire.At(data)
	line, ok := c.Line()
	if !ok {
		s.items--
		return 0
	}
	used := len(data) - c.Len()
	word := bytes.Fields(line)
	if len(word) == 0 {
		return used
	}
	f := e.Flow()
	switch string(word[0]) {
	case "set", "add", "replace", "append", "prepend", "cas":
		e.Operate(model.VerbWrite, "key", model.ResultUnset, 1)
		if n, ok := storage(word); ok {
			return used + n + 2
		}
	case "get", "gets", "gat", "mg":
		e.Operate(model.VerbQuery, "key", model.ResultUnset, 1)
	case "delete", "flush_all":
		e.Operate(model.VerbDelete, "key", model.ResultUnset, 1)
	case "VALUE":
		s.answered(e)
		if n, ok := valueSize(word); ok {
			return used + n + 2
		}
	case "VERSION":
		s.answered(e)
		version(e, f, word[len(word)-1])
	case "STAT":
		s.answered(e)
		if len(word) == 3 && string(word[1]) == "version" {
			version(e, f, word[2])
		}
	}
	return used
}

func version(e dissect.Emitter, f *dissect.Flow, text []byte) {
	if wire.Printable(text) && text[0] >= '0' && text[0] <= '9' {
		e.Observe(dissect.Claim{Subject: dissect.About(f.Responder), Kind: model.KindSoftware, Value: "memcached " + string(text), Source: "memcached.version"})
	}
}

// answered tells, once, that a server obeys without a login.
func (s *session) answered(e dissect.Emitter) {
	if f := e.Flow(); !s.open && !s.login && !f.Inferred {
		s.open = true
		e.Report(dissect.Weakness{Type: model.FindingNoAuthentication, Rule: "memcached.no_authentication", Version: 1, Subject: f.Responder, Peer: f.Initiator, Evidence: "memcached.answer"})
	}
}

func (s *session) binary(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	if len(data) < binaryHeader {
		s.items--
		return 0, dissect.More
	}
	total := int(binary.BigEndian.Uint32(data[8:]))
	if total > maxValue {
		return 0, dissect.NotMine
	}
	op := data[1]
	if op == opVersion && dir == dissect.FromResponder && total < maxLine {
		if len(data) < binaryHeader+total {
			s.items--
			return 0, dissect.More
		}
		s.answered(e)
		version(e, e.Flow(), data[binaryHeader:binaryHeader+total])
	}
	if dir == dissect.FromInitiator {
		switch op {
		case 0x00, 0x09, 0x0c, 0x0d:
			e.Operate(model.VerbQuery, "key", model.ResultUnset, 1)
		case 0x01, 0x02, 0x03, 0x11, 0x12, 0x13:
			e.Operate(model.VerbWrite, "key", model.ResultUnset, 1)
		case opSASL:
			s.login = true
		}
	}
	return binaryHeader + total, dissect.More
}
