package tls

import (
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

// The content types of records (RFC 8446, section 5.1).
const (
	recChangeCipher = 20
	recAlert        = 21
	recHandshake    = 22
	recData         = 23
	recHeartbeat    = 24
)

const (
	recordHeader = 5
	maxRecord    = 16384 + 2048 // bytes: TLSCiphertext (RFC 5246, section 6.2.3)
	maxMessage   = 64 << 10     // bytes of a handshake message that is put together
	maxRecords   = 40           // a handshake that is not over by then tells nothing more
)

type protocol struct{}

// New returns TLS over TCP.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "tls", Transport: dissect.TCP, MaxBuffer: 32 << 10,
		Ports: []uint16{443, 8443, 993, 995, 465, 636, 3269, 853, 5061, 8883, 2762, 4443, 990, 989, 6514, 5671, 5986, 9443}}
}

// Probe wants a hello, or, in the middle of a conversation, a record that ends where the next
// begins. The versions of a record header are 3.0 to 3.4.
func (protocol) Probe(_ *dissect.Flow, dir dissect.Direction, data []byte) dissect.Verdict {
	if v := probeSSL2(data, dir); v != dissect.NotMine {
		return v
	}
	if data[0] < recChangeCipher || data[0] > recHeartbeat || len(data) > 1 && data[1] != 3 || len(data) > 2 && data[2] > 4 {
		return dissect.NotMine
	}
	if len(data) < recordHeader {
		return dissect.More
	}
	n := int(data[3])<<8 | int(data[4])
	if n == 0 || n > maxRecord {
		return dissect.NotMine
	}
	body := data[recordHeader:]
	switch data[0] {
	case recHandshake:
		if len(body) >= 1 && body[0] > 24 {
			return probeNext(body, n) // encrypted
		}
		if len(body) < 4 {
			return dissect.More
		}
		if (body[0] == msgClientHello || body[0] == msgServerHello) && body[1] == 0 {
			return dissect.Mine
		}
		return probeNext(body, n)
	case recAlert:
		if n == 2 && len(body) >= 2 && (body[0] == 1 || body[0] == 2) {
			return dissect.Mine
		}
	case recChangeCipher:
		if n != 1 {
			return dissect.NotMine
		}
	}
	return probeNext(body, n)
}

// probeNext looks behind a record of n bytes: nothing, or the header of another record.
func probeNext(body []byte, n int) dissect.Verdict {
	switch {
	case len(body) < n+3:
		if len(body) == n {
			return dissect.Mine
		}
		return dissect.More
	case body[n] >= recChangeCipher && body[n] <= recHeartbeat && body[n+1] == 3 && body[n+2] <= 4:
		return dissect.Mine
	}
	return dissect.NotMine
}

func (protocol) New() dissect.Dissector {
	s := &session{}
	s.Reset()
	return s
}

// Reset begins anew.
func (s *session) Reset() { *s = session{handshake: handshake{service: "tls", carrier: 't'}} }

type session struct {
	handshake
	partial [2][]byte // a handshake message that goes on in the next record
	hidden  [2]bool   // what follows is encrypted
	records int
	told    bool
}

func (s *session) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	if s.records == 0 {
		if n, v := s.ssl2(e, dir, data); n > 0 || v != dissect.NotMine {
			return n, v
		}
	}
	if len(data) < recordHeader {
		return 0, dissect.More
	}
	n := int(data[3])<<8 | int(data[4])
	if data[0] < recChangeCipher || data[0] > recHeartbeat || data[1] != 3 || n > maxRecord {
		return 0, dissect.NotMine
	}
	if !s.told { // a capture that begins in the middle shows that much
		s.told = true
		e.Encrypted()
	}
	if data[0] != recHandshake || s.hidden[dir] {
		return recordHeader + n, s.other(dir, data[0])
	}
	if len(data) < recordHeader+n {
		return 0, dissect.More
	}
	s.records++
	s.messages(e, dir, data[recordHeader:recordHeader+n])
	if s.finished || s.records > maxRecords {
		return recordHeader + n, dissect.Done
	}
	return recordHeader + n, dissect.More
}

// other notes where encryption begins; when the server's begins, all is said.
func (s *session) other(dir dissect.Direction, kind byte) dissect.Verdict {
	s.records++
	// Between a HelloRetryRequest and the hello after it, the record means nothing (RFC 8446, appendix D.4).
	if kind == recData || kind == recChangeCipher && (!s.retried || s.version != 0) {
		s.hidden[dir] = true
	}
	if s.hidden[dissect.FromResponder] && s.version != 0 || s.records > maxRecords || s.hidden[0] && s.hidden[1] {
		return dissect.Done
	}
	return dissect.More
}

// messages cuts the handshake messages out of records.
func (s *session) messages(e dissect.Emitter, dir dissect.Direction, data []byte) {
	if len(s.partial[dir]) > 0 {
		data = append(s.partial[dir], data...)
		s.partial[dir] = nil
	}
	c := wire.At(data)
	for c.Len() >= 4 {
		rest := c.Rest()
		kind, n := c.U8(), int(c.U24())
		if n > maxMessage || kind > 24 && kind != 254 {
			s.hidden[dir] = true // no handshake message: encrypted, without a sign
			return
		}
		body := c.Bytes(n)
		if !c.OK() {
			s.partial[dir] = append([]byte(nil), rest...)
			return
		}
		s.message(e, dir, kind, body)
	}
	if c.Len() > 0 {
		s.partial[dir] = append([]byte(nil), c.Rest()...)
	}
}
