package quic

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
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
	iv     []byte
	header cipher.Block
}

// initialKeys derives the keys of both directions from the client's first connection id.
func initialKeys(s *scheme, id []byte) (client, server *keys, ok bool) {
	secret, err := hkdf.Extract(sha256.New, id, []byte(s.salt))
	if err != nil {
		return nil, nil, false
	}
	client, okC := directionKeys(s, secret, "client in")
	server, okS := directionKeys(s, secret, "server in")
	return client, server, okC && okS
}

func directionKeys(s *scheme, initial []byte, label string) (*keys, bool) {
	secret, err := expand(initial, label, 32)
	if err != nil {
		return nil, false
	}
	key, err1 := expand(secret, s.prefix+" key", 16)
	iv, err2 := expand(secret, s.prefix+" iv", 12)
	hp, err3 := expand(secret, s.prefix+" hp", 16)
	if err1 != nil || err2 != nil || err3 != nil {
		return nil, false
	}
	block, err1 := aes.NewCipher(key)
	header, err2 := aes.NewCipher(hp)
	if err1 != nil || err2 != nil {
		return nil, false
	}
	aead, err := cipher.NewGCM(block)
	return &keys{aead: aead, iv: iv, header: header}, err == nil
}

// expand is HKDF-Expand-Label with no context (RFC 8446, section 7.1).
func expand(secret []byte, label string, n int) ([]byte, error) {
	info := make([]byte, 0, 32)
	info = binary.BigEndian.AppendUint16(info, uint16(n))
	info = append(info, byte(len("tls13 ")+len(label)))
	info = append(info, "tls13 "...)
	info = append(info, label...)
	info = append(info, 0)
	return hkdf.Expand(sha256.New, secret, string(info), n)
}

// open removes header and packet protection (RFC 9001, sections 5.3 and 5.4). Packet is the whole
// packet, numberAt the offset of its packet number.
func (k *keys) open(packet []byte, numberAt int) ([]byte, bool) {
	const sample = 16
	if len(packet) < numberAt+4+sample {
		return nil, false
	}
	var mask [sample]byte
	k.header.Encrypt(mask[:], packet[numberAt+4:numberAt+4+sample])
	head := append([]byte(nil), packet[:numberAt+4]...)
	head[0] ^= mask[0] & 0x0f
	n := int(head[0]&3) + 1
	number := uint64(0)
	for i := range n {
		head[numberAt+i] ^= mask[1+i]
		number = number<<8 | uint64(head[numberAt+i])
	}
	nonce := append([]byte(nil), k.iv...)
	for i := range 8 {
		nonce[len(nonce)-1-i] ^= byte(number >> (8 * i))
	}
	plain, err := k.aead.Open(nil, nonce, packet[numberAt+n:], head[:numberAt+n])
	return plain, err == nil
}
