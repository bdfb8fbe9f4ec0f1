package ike

import (
	"encoding/binary"
	"encoding/hex"
	"strings"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

const (
	header     = 28
	maxPayload = 24 // payloads of a message that are looked at
)

// The exchange types (RFC 2408, section 3.1; RFC 2409; RFC 7296, section 3.1).
const (
	exchangeMain       = 2
	exchangeAggressive = 4
	exchangeInfo       = 5
	exchangeQuick      = 32
	exchangeSAInit     = 34
	exchangeLast       = 37
)

// The payloads that are read.
const (
	payloadSA1     = 1
	payloadVendor1 = 13
	payloadSA2     = 33
	payloadVendor2 = 43
)

type protocol struct{}

// New returns the protocol.
func New() dissect.Protocol { return protocol{} }

const flagInitiator = 0x08 // IKEv2: sent by who opened the association (RFC 7296, section 3.1)

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "ike", Transport: dissect.UDP, Ports: []uint16{500, 4500}}
}

// Probe wants a header whose length is the datagram's.
func (protocol) Probe(_ *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	data = bare(data)
	if len(data) < header || binary.BigEndian.Uint64(data) == 0 || int(binary.BigEndian.Uint32(data[24:])) != len(data) {
		return dissect.NotMine
	}
	kind := data[18]
	switch data[17] {
	case 0x10:
		if (kind == exchangeMain || kind == exchangeAggressive || kind == exchangeInfo || kind == 6 || kind == exchangeQuick || kind == 33) && data[19]&^7 == 0 && data[16] <= 21 {
			return dissect.Mine
		}
	case 0x20:
		if (kind >= exchangeSAInit && kind <= exchangeLast || kind == 43) && data[19]&^0x38 == 0 && (data[16] == 0 || data[16] >= payloadSA2) {
			return dissect.Mine
		}
	}
	return dissect.NotMine
}

// bare takes off the marker that tells IKE from ESP (RFC 3948, section 2.2).
func bare(data []byte) []byte {
	if len(data) > header+4 && binary.BigEndian.Uint32(data) == 0 {
		return data[4:]
	}
	return data
}

func (protocol) New() dissect.Dissector { return &session{} }

type session struct{ told bool }

func (s *session) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	m := bare(data)
	if len(m) < header {
		return len(data), dissect.More
	}
	f := e.Flow()
	first := m[17] == 0x10
	if !s.told {
		s.told = true
		if !first && (m[19]&flagInitiator != 0) == (dir == dissect.FromResponder) { // both ends have the same port
			e.Swap()
			f, dir = e.Flow(), 1-dir
		}
		e.Encrypted()
		e.Version("IKEv2")
		e.Observe(dissect.Claim{Subject: dissect.About(f.Responder), Kind: model.KindRole, Value: "VPN gateway", Source: "ike.version"})
		if first { // historic since RFC 9395
			e.Version("IKEv1")
			e.Report(dissect.Weakness{Type: model.FindingObsoleteProtocol, Rule: "ike.v1", Version: 1, Subject: f.Responder, Peer: f.Initiator, Detail: "IKE version 1", Evidence: "ike.version"})
		}
		if first && m[18] == exchangeAggressive { // shows a hash of the shared key to anyone who asks
			e.Report(dissect.Weakness{Type: model.FindingWeakCrypto, Rule: "ike.aggressive_mode", Version: 1, Subject: f.Responder, Peer: f.Initiator, Detail: "aggressive mode", Evidence: "ike.exchange"})
		}
	}
	if m[18] != exchangeMain && m[18] != exchangeAggressive && m[18] != exchangeSAInit || first && m[19]&1 != 0 {
		return len(data), dissect.Done // encrypted from here on
	}
	// Who chose: the responder, whose SPI stands in its answer.
	s.payloads(e, dir, m, dir == dissect.FromResponder && binary.BigEndian.Uint64(m[8:]) != 0)
	return len(data), dissect.More
}

func (s *session) payloads(e dissect.Emitter, dir dissect.Direction, m []byte, chosen bool) {
	next := m[16]
	c := wire.At(m[header:])
	for range maxPayload {
		kind := next
		next = c.U8()
		c.Skip(1)
		body := c.Bytes(int(c.U16()) - 4)
		if kind == 0 || !c.OK() {
			return
		}
		switch kind {
		case payloadVendor1, payloadVendor2:
			if product := vendor(body); product != "" {
				e.Observe(dissect.Claim{Subject: dissect.About(e.Flow().Sender(dir)), Kind: model.KindSoftware, Value: product, Source: "ike.vendor_id"})
			}
		case payloadSA1:
			if chosen && len(body) > 8 {
				s.choice(e, proposal1(body[8:]))
			}
		case payloadSA2:
			if chosen {
				s.choice(e, proposal2(body))
			}
		}
	}
}

// choice tells what the responder chose, and what of it is weak (NIST SP 800-77 revision 1, section 4).
func (s *session) choice(e dissect.Emitter, list []string) {
	if len(list) == 0 {
		return
	}
	f := e.Flow()
	e.Observe(dissect.Claim{Subject: dissect.About(f.Responder), Kind: model.KindCapability, Value: strings.Join(list, ", "), Source: "ike.proposal"})
	var weak []string
	for _, name := range list {
		switch name {
		case "DES", "3DES", "MD5", "MODP 768", "MODP 1024", "MODP 1536":
			weak = append(weak, name)
		}
	}
	if len(weak) > 0 {
		e.Report(dissect.Weakness{Type: model.FindingWeakCrypto, Rule: "ike.weak_proposal", Version: 1, Subject: f.Responder, Peer: f.Initiator, Detail: strings.Join(weak, ", "), Evidence: "ike.proposal"})
	}
}

// proposal1 reads the first transform of the first proposal (RFC 2408, sections 3.5, 3.6; RFC 2409, appendix A).
func proposal1(b []byte) []string {
	c := wire.At(b)
	c.Skip(6)
	c.Skip(int(c.U8()) + 1) // SPI, number of transforms
	c.Skip(8)               // transform header
	names := [3]string{}    // cipher, hash, group
	for c.OK() && c.Len() >= 4 {
		kind, value := c.U16(), c.U16()
		if kind&0x8000 == 0 {
			c.Skip(int(value))
			continue
		}
		switch kind & 0x7fff {
		case 1:
			names[0] = map[uint16]string{1: "DES", 5: "3DES", 7: "AES"}[value]
		case 2:
			names[1] = map[uint16]string{1: "MD5", 2: "SHA-1", 4: "SHA-256", 5: "SHA-384", 6: "SHA-512"}[value]
		case 4:
			names[2] = groups[value]
		}
	}
	return said(names[:])
}

// proposal2 reads the transforms of the first proposal (RFC 7296, section 3.3).
func proposal2(b []byte) []string {
	c := wire.At(b)
	c.Skip(6)
	spi, count := int(c.U8()), int(c.U8())
	c.Skip(spi)
	names := [4]string{} // cipher, PRF, integrity, group
	for range min(count, 16) {
		c.Skip(2)
		n := int(c.U16())
		kind := c.U8()
		c.Skip(1)
		id := c.U16()
		c.Skip(n - 8)
		if !c.OK() {
			return nil
		}
		switch kind {
		case 1:
			names[0] = map[uint16]string{2: "DES", 3: "3DES", 12: "AES", 13: "AES-CTR", 18: "AES-GCM", 19: "AES-GCM", 20: "AES-GCM", 28: "ChaCha20"}[id]
		case 2:
			names[1] = map[uint16]string{1: "MD5", 2: "SHA-1", 5: "SHA-256", 6: "SHA-384", 7: "SHA-512"}[id]
		case 3:
			names[2] = map[uint16]string{1: "MD5", 2: "SHA-1", 12: "SHA-256", 13: "SHA-384", 14: "SHA-512"}[id]
		case 4:
			names[3] = groups[id]
		}
	}
	return said(names[:])
}

// groups are the Diffie-Hellman groups (IANA, Transform Type 4).
var groups = map[uint16]string{1: "MODP 768", 2: "MODP 1024", 5: "MODP 1536", 14: "MODP 2048", 15: "MODP 3072", 16: "MODP 4096",
	19: "P-256", 20: "P-384", 21: "P-521", 31: "Curve25519"}

// said leaves out what is unknown or the same as what stands before it.
func said(names []string) []string {
	var out []string
	for _, n := range names {
		if n != "" && (len(out) == 0 || out[len(out)-1] != n) {
			out = append(out, n)
		}
	}
	return out
}

// vendor knows the ids that name a product: digests of a text, whose first bytes are enough.
func vendor(id []byte) string {
	if len(id) < 12 {
		return ""
	}
	return map[string]string{
		"882fe56d6fd20dbc2251613b": "strongSwan",
		"1e2b516905991c7d7c96fcbf": "Microsoft IPsec",
		"8299031757a36082c6a621de": "Fortinet FortiGate",
		"f4ed19e0c114eb516faaac0e": "Check Point",
	}[hex.EncodeToString(id[:12])]
}
