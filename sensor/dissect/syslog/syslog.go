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
	maxSize     = 8 << 10 // bytes of a message in a stream (RFC 5425, section 4.3.1)
)

type protocol struct{}

// New returns the protocol.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "syslog", Transport: dissect.UDP | dissect.TCP, Ports: []uint16{port}}
}

// Probe wants a priority and printable text behind it; off the usual port the version of RFC 5424
// or a month's name as well.
func (protocol) Probe(f *dissect.Flow, dir dissect.Direction, data []byte) dissect.Verdict {
	if f.Protocol == 6 {
		if dir == dissect.FromResponder { // a receiver says nothing
			return dissect.NotMine
		}
		if len(data) < 32 && bytes.IndexByte(data, '\n') < 0 && printable(data) {
			return dissect.More
		}
		_, data = counted(data)
		if len(data) == 0 {
			return dissect.NotMine
		}
	}
	text, ok := message(data)
	if !ok || len(text) < 4 || !wire.Printable(text[:min(len(text), 16)]) {
		return dissect.NotMine
	}
	if f.Responder.Port == port || f.Initiator.Port == port || bytes.HasPrefix(text, []byte("1 ")) || month(text) {
		return dissect.Mine
	}
	return dissect.NotMine
}

// counted cuts the length of a message off (RFC 6587, section 3.4.1); it is 0 when there is none.
func counted(data []byte) (n int, rest []byte) {
	for i, b := range data[:min(len(data), 7)] {
		switch {
		case b == ' ' && i > 0:
			return n, data[i+1:]
		case b < '0' || b > '9':
			return 0, data
		}
		n = 10*n + int(b-'0')
	}
	return 0, data
}

// printable is whether data could be the beginning of a message or of its length.
func printable(data []byte) bool {
	return len(data) == 0 || (data[0] == '<' || data[0] >= '1' && data[0] <= '9') && wire.Printable(data)
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

// stamp is how long a time of RFC 3164, section 4.1.2, is, with the space behind it.
const stamp = len("Oct 11 22:14:15 ")

// header finds host and tag of RFC 3164, section 4.1. Many devices leave one or both out, and what follows then is text
// of people: both are believed only when the tag has its process number, "sshd[812]:", and the host is a name.
func header(text []byte) (host, tag []byte) {
	if len(text) < stamp || !month(text) || text[stamp-1] != ' ' || text[9] != ':' || text[12] != ':' {
		return nil, nil
	}
	host, rest, _ := bytes.Cut(text[stamp:], []byte(" "))
	tag, rest, _ = bytes.Cut(rest[:min(len(rest), 64)], []byte("["))
	process, _, closed := bytes.Cut(rest, []byte("]:"))
	if !closed || len(process) == 0 || len(bytes.Trim(process, "0123456789")) > 0 || !wire.Word(host, "-_./") || !wire.Word(tag, "-_./") || wire.IsAddr(string(host)) {
		return nil, nil // a host may be an address, which is no name
	}
	return host, tag
}

func (protocol) New() dissect.Dissector { return &reader{} }

func (protocol) Many(n int) []dissect.Resetter { return dissect.Many[reader](n) }

// Reset begins anew.
func (r *reader) Reset() { *r = reader{} }

type reader struct {
	told     bool
	messages int
}

// Feed reads a datagram, or the next message of a stream: counted, or up to the end of a line (RFC 6587,
// section 3.4).
func (r *reader) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	if e.Flow().Protocol != 6 {
		return len(data), r.message(e, dir, data)
	}
	n, rest := counted(data)
	end := len(data) - len(rest) + n
	if n == 0 {
		end = bytes.IndexByte(data, '\n') + 1
	}
	switch {
	case n == 0 && len(data) < 7 && data[0] >= '1' && data[0] <= '9':
		return 0, dissect.More
	case n == 0 && data[0] != '<':
		return len(data), dissect.Done
	case len(data) > maxSize:
		return len(data), dissect.Done
	case end == 0 || end > len(data):
		return 0, dissect.More
	}
	return end, r.message(e, dir, data[len(data)-len(rest):end])
}

func (r *reader) message(e dissect.Emitter, dir dissect.Direction, data []byte) dissect.Verdict {
	if len(data) == 0 {
		return dissect.More
	}
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
	} else if host, tag := header(text); ok && host != nil {
		r.claim(e, dir, model.KindHostname, "syslog.hostname", host)
		r.claim(e, dir, model.KindSoftware, "syslog.app_name", tag)
	}
	if r.messages++; r.messages > maxMessages {
		return dissect.Done
	}
	return dissect.More
}

func (r *reader) claim(e dissect.Emitter, dir dissect.Direction, kind model.Kind, source string, value []byte) {
	if string(value) != "-" && len(value) <= 64 {
		e.Observe(dissect.Claim{Subject: dissect.About(e.Flow().Sender(dir)), Kind: kind, Value: wire.String(value), Source: source})
	}
}
