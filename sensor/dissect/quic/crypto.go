package quic

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/binary"
)

// scheme is what differs between versions (RFC 9001, section 5.2; RFC 9369, section 3.3).
type scheme struct {
	name   string
	salt   string
	prefix string // of the labels
	types  [4]uint8
}

// The packet types as schemes number them.
const (
	typeInitial = iota
	type0RTT
	typeHandshake
	typeRetry
)

var (
	v1 = scheme{name: "QUIC v1", salt: "\x38\x76\x2c\xf7\xf5\x59\x34\xb3\x4d\x17\x9a\xe6\xa4\xc8\x0c\xad\xcc\xbb\x7f\x0a", prefix: "quic",
		types: [4]uint8{typeInitial, type0RTT, typeHandshake, typeRetry}}
	v2 = scheme{name: "QUIC v2", salt: "\x0d\xed\xe3\xde\xf7\x00\xa6\xdb\x81\x93\x81\xbe\x6e\x26\x9d\xcb\xf9\xbd\x2e\xd9", prefix: "quicv2",
		types: [4]uint8{typeRetry, typeInitial, type0RTT, typeHandshake}}
	draft = scheme{name: "QUIC draft", salt: "\xaf\xbf\xec\x28\x99\x93\xd2\x4c\x9e\x97\x86\xf1\x9c\x61\x11\xe0\x43\x90\xa8\x99", prefix: "quic",
		types: [4]uint8{typeInitial, type0RTT, typeHandshake, typeRetry}}
)

// schemeOf returns nil for versions that are not read.
func schemeOf(version uint32) *scheme {
	switch {
	case version == 1:
		return &v1
	case version == 0x6b3343cf:
		return &v2
	case version >= 0xff00001d && version <= 0xff000022:
		return &draft
	}
	return nil
}

// keys protect one direction's Initial packets.
type keys struct {
	aead   cipher.AEAD
	iv     [ivSize]byte
	header cipher.Block
}

func (k *keys) ok() bool { return k.aead != nil }

// scratch is memory for one packet while it is opened: what is handed to a cipher is on the heap.
type scratch struct {
	mask        [16]byte
	nonce       [ivSize]byte
	head, plain []byte
}

// initialKeys derives the keys of both directions from the client's first connection id.
func initialKeys(s *scheme, id []byte) (client, server keys, ok bool) {
	if len(id) > maxID {
		return client, server, false
	}
	secret := authenticate([]byte(s.salt), id) // HKDF-Extract (RFC 5869, section 2.2)
	client, okC := directionKeys(s, secret, "client in")
	server, okS := directionKeys(s, secret, "server in")
	return client, server, okC && okS
}

func directionKeys(s *scheme, initial [sha256.Size]byte, label string) (keys, bool) {
	secret := expand(initial, label, sha256.Size)
	key, iv, hp := expand(secret, s.prefix+" key", 16), expand(secret, s.prefix+" iv", ivSize), expand(secret, s.prefix+" hp", 16)
	block, err1 := aes.NewCipher(key[:16])
	header, err2 := aes.NewCipher(hp[:16])
	if err1 != nil || err2 != nil {
		return keys{}, false
	}
	aead, err := cipher.NewGCM(block)
	return keys{aead: aead, iv: [ivSize]byte(iv[:ivSize]), header: header}, err == nil
}

// expand is HKDF-Expand-Label with no context (RFC 8446, section 7.1), for at most one block of
// the hash: of the result, n bytes count.
func expand(secret [sha256.Size]byte, label string, n int) [sha256.Size]byte {
	var room [40]byte
	info := binary.BigEndian.AppendUint16(room[:0], uint16(n))
	info = append(info, byte(len("tls13 ")+len(label)))
	info = append(append(info, "tls13 "...), label...)
	return authenticate(secret[:], append(info, 0, 1)) // no context; the number of the block
}

const ivSize = 12

// authenticate is HMAC-SHA256 (RFC 2104) of a short text under a short key. The keys are public,
// derived from what stands in the packet; crypto/hmac would allocate at each of eight calls.
func authenticate(key, text []byte) [sha256.Size]byte {
	var inner, outer [2 * sha256.BlockSize]byte
	for i := range sha256.BlockSize {
		k := byte(0)
		if i < len(key) {
			k = key[i]
		}
		inner[i], outer[i] = k^0x36, k^0x5c
	}
	n := copy(inner[sha256.BlockSize:], text)
	sum := sha256.Sum256(inner[:sha256.BlockSize+n])
	copy(outer[sha256.BlockSize:], sum[:])
	return sha256.Sum256(outer[:sha256.BlockSize+sha256.Size])
}

// open removes header and packet protection (RFC 9001, sections 5.3 and 5.4). Packet is the whole
// packet, numberAt the offset of its packet number. The result lies in w.
func (k *keys) open(w *scratch, packet []byte, numberAt int) ([]byte, bool) {
	const sample = len(w.mask)
	if len(packet) < numberAt+4+sample {
		return nil, false
	}
	mask := w.mask[:]
	k.header.Encrypt(mask, packet[numberAt+4:numberAt+4+sample])
	head := append(w.head[:0], packet[:numberAt+4]...)
	w.head = head
	head[0] ^= mask[0] & 0x0f
	n := int(head[0]&3) + 1
	number := uint64(0)
	for i := range n {
		head[numberAt+i] ^= mask[1+i]
		number = number<<8 | uint64(head[numberAt+i])
	}
	w.nonce = k.iv
	nonce := w.nonce[:]
	for i := range 8 {
		nonce[len(nonce)-1-i] ^= byte(number >> (8 * i))
	}
	plain, err := k.aead.Open(w.plain[:0], nonce, packet[numberAt+n:], head[:numberAt+n])
	if err != nil {
		return nil, false
	}
	w.plain = plain
	return plain, true
}
