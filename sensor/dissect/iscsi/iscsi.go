package iscsi

import (
	"bytes"
	"encoding/binary"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

const (
	opLogin       = 0x43 // login request, immediate
	opLoginAnswer = 0x23
	header        = 48
	maxText       = 8 << 10 // bytes of a login's text: the protocol's default limit
	maxPDUs       = 16
)

type protocol struct{}

// New returns the protocol.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "iscsi", Transport: dissect.TCP, Ports: []uint16{3260}}
}

// Probe wants a login request of version 0 whose text begins with a key.
func (protocol) Probe(_ *dissect.Flow, dir dissect.Direction, data []byte) dissect.Verdict {
	if dir == dissect.FromResponder {
		return dissect.More
	}
	if data[0] != opLogin {
		return dissect.NotMine
	}
	if len(data) < header+4 {
		return dissect.More
	}
	n := textSize(data)
	if data[2] != 0 || data[3] != 0 || data[4] != 0 || n < 4 || n > maxText || data[1]&0x30 != 0 {
		return dissect.NotMine
	}
	key, _, found := bytes.Cut(data[header:], []byte{'='})
	if !wire.Printable(key) || len(key) > 63 {
		return dissect.NotMine
	}
	if !found {
		return dissect.More
	}
	return dissect.Mine
}

// textSize is the length of the data segment (RFC 7143, section 11.2.1.6).
func textSize(data []byte) int { return int(binary.BigEndian.Uint32(data[4:]) & 0xffffff) }

func (protocol) New() dissect.Dissector { return &session{} }

type session struct {
	pdus int
	open bool // the target chose to do without authentication
}

func (s *session) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	if len(data) < header {
		return 0, dissect.More
	}
	op, n := data[0], textSize(data)
	if s.pdus++; op != opLogin && op != opLoginAnswer && op != 0x03 || s.pdus > maxPDUs {
		return len(data), dissect.Done // full feature phase
	}
	if n > maxText {
		return 0, dissect.NotMine
	}
	size := header + 4*int(data[4]) + (n+3)&^3
	if len(data) < size {
		s.pdus--
		return 0, dissect.More
	}
	text := data[size-(n+3)&^3:][:n]
	if dir == dissect.FromInitiator {
		request(e, text)
		return size, dissect.More
	}
	return size, s.answer(e, data, text)
}

func request(e dissect.Emitter, text []byte) {
	f := e.Flow()
	for pair := range bytes.SplitSeq(text, []byte{0}) {
		key, value, _ := bytes.Cut(pair, []byte{'='})
		switch string(key) {
		case "InitiatorName":
			name(e, f.Initiator, value, "iscsi.initiator_name")
		case "TargetName":
			name(e, f.Responder, value, "iscsi.target_name")
		}
	}
}

// name tells an iSCSI name, which is built like a host's (RFC 7143, section 4.2.7).
func name(e dissect.Emitter, end model.Endpoint, value []byte, source string) {
	for _, form := range []string{"iqn.", "eui.", "naa."} {
		if bytes.HasPrefix(value, []byte(form)) {
			e.Observe(dissect.Claim{Subject: dissect.About(end), Kind: model.KindIdentifier, Value: string(value), Source: source})
		}
	}
}

func (s *session) answer(e dissect.Emitter, data, text []byte) dissect.Verdict {
	f := e.Flow()
	for pair := range bytes.SplitSeq(text, []byte{0}) {
		key, value, _ := bytes.Cut(pair, []byte{'='})
		if string(key) != "AuthMethod" {
			continue
		}
		switch string(value) {
		case "None":
			s.open = true
			e.Observe(dissect.Claim{Subject: dissect.About(f.Responder), Kind: model.KindCapability, Value: "authentication None", Source: "iscsi.auth_method"})
		case "CHAP", "KRB5", "SRP":
			e.Observe(dissect.Claim{Subject: dissect.About(f.Responder), Kind: model.KindCapability, Value: "authentication " + string(value), Source: "iscsi.auth_method"})
		}
	}
	switch class := data[36]; {
	case class == 2:
		e.Operate(model.VerbLogin, "target", model.ResultRefused, 1)
		return dissect.Done
	case class == 3:
		e.Operate(model.VerbLogin, "target", model.ResultFailed, 1)
		return dissect.Done
	case class == 0 && data[1]&0x83 == 0x83: // transit to the full feature phase
		e.Operate(model.VerbLogin, "target", model.ResultOK, 1)
		dissect.Cleartext(e, "iscsi", "iscsi.login")
		if s.open {
			e.Report(dissect.Weakness{Type: model.FindingNoAuthentication, Rule: "iscsi.no_authentication", Version: 1, Subject: f.Responder, Peer: f.Initiator, Evidence: "iscsi.auth_method"})
		}
		return dissect.Done
	}
	return dissect.More
}
