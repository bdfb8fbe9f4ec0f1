package syslog

import (
	"bytes"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

const (
	port        = 514
	maxPriority = 191 // RFC 5424, section 6.2.1
	maxMessages = 8
)

type protocol struct{}

// New returns the protocol.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "syslog", Transport: dissect.UDP, Ports: []uint16{port}}
}

// Probe wants a priority and printable text behind it; off the usual port the version of RFC 5424
// or a month's name as well.
func (protocol) Probe(f *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	text, ok := message(data)
	if !ok || len(text) < 4 || !wire.Printable(text[:min(len(text), 16)]) {
		return dissect.NotMine
	}
	if f.Responder.Port == port || f.Initiator.Port == port || bytes.HasPrefix(text, []byte("1 ")) || month(text) {
		return dissect.Mine
	}
	return dissect.NotMine
}

// message cuts the priority off.
func message(data []byte) (text []byte, ok bool) {
	if data[0] != '<' {
		return nil, false
	}
	priority := 0
	for i := 1; i < len(data) && i <= 4; i++ {
		b := data[i]
		if b == '>' {
			return data[i+1:], i > 1 && priority <= maxPriority
		}
		if b < '0' || b > '9' {
			return nil, false
		}
		priority = 10*priority + int(b-'0')
	}
	return nil, false
}

func month(text []byte) bool {
	const months = "JanFebMarAprMayJunJulAugSepOctNovDec"
	return len(text) > 3 && text[3] == ' ' && bytes.Index([]byte(months), text[:3])%3 == 0
}

func (protocol) New() dissect.Dissector { return &reader{} }

type reader struct {
	told     bool
	messages int
}

func (r *reader) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	text, ok := message(data)
	if !r.told {
		r.told = true
		dissect.Cleartext(e, "syslog", "syslog.priority")
	}
	if ok && bytes.HasPrefix(text, []byte("1 ")) { // version, time, host, application (RFC 5424, section 6)
		if f := bytes.SplitN(text, []byte(" "), 5); len(f) == 5 {
			r.claim(e, dir, model.KindHostname, "syslog.hostname", f[2])
			r.claim(e, dir, model.KindSoftware, "syslog.app_name", f[3])
		}
	}
	if r.messages++; r.messages > maxMessages {
		return len(data), dissect.Done
	}
	return len(data), dissect.More
}

func (r *reader) claim(e dissect.Emitter, dir dissect.Direction, kind model.Kind, source string, value []byte) {
	if string(value) != "-" && len(value) <= 64 {
		e.Observe(dissect.Claim{Subject: dissect.About(e.Flow().Sender(dir)), Kind: kind, Value: string(value), Source: source})
	}
}
