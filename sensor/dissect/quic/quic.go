package quic

import (
	"github.com/wardscope/wardscope/sensor/dissect"
)

const maxDatagrams = 24 // both hellos were there by then

type protocol struct{}

// New returns the protocol.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "quic", Transport: dissect.UDP, Ports: []uint16{443, 4433, 8443, 853}}
}

// Probe wants a long header of a known version. Packets with a short header, in the middle of a
// conversation, show nothing.
func (protocol) Probe(_ *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	if len(data) < 7 || data[0]&0xc0 != 0xc0 {
		return dissect.NotMine
	}
	if _, _, ok := parsePacket(data); ok {
		return dissect.Mine
	}
	return dissect.NotMine
}

func (protocol) New() dissect.Dissector { return &session{} }

func (protocol) Many(n int) []dissect.Resetter { return dissect.Many[session](n) }

// Reset begins anew.
func (s *session) Reset() {
	*s = session{scratch: scratch{head: s.scratch.head[:0], plain: s.scratch.plain[:0]}}
}

type session struct {
	keys      [2]keys
	scratch   scratch
	hellos    [2]hello
	told      bool
	datagrams int
}

func (s *session) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	for rest := data; len(rest) > 0; {
		p, next, ok := parsePacket(rest)
		if !ok {
			break
		}
		s.packet(e, dir, p)
		rest = next
	}
	if s.datagrams++; s.hellos[0].done && s.hellos[1].done || s.datagrams > maxDatagrams {
		return len(data), dissect.Done
	}
	return len(data), dissect.More
}

func (s *session) packet(e dissect.Emitter, dir dissect.Direction, p packet) {
	if !s.told {
		s.told = true
		e.Encrypted()
		e.Version(p.scheme.name)
	}
	if p.kind == typeRetry {
		s.keys = [2]keys{} // the next Initial begins anew (RFC 9001, section 5.2)
	}
	if p.kind != typeInitial {
		return
	}
	if !s.keys[dissect.FromInitiator].ok() && dir == dissect.FromInitiator {
		client, server, ok := initialKeys(p.scheme, p.to)
		if !ok {
			return
		}
		s.keys = [2]keys{client, server}
	}
	k := &s.keys[dir]
	if !k.ok() || s.hellos[dir].done {
		return
	}
	plain, ok := k.open(&s.scratch, p.bytes, p.numberAt)
	if !ok {
		return
	}
	h := &s.hellos[dir]
	h.frames(plain)
	if m, ok := h.message(); ok {
		h.done = true
		e.Inner("tls-handshake", dir, m)
		*h = hello{done: true}
	}
}
