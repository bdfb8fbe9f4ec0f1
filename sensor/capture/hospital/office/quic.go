package office

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/wardscope/wardscope/sensor/capture/hospital/wire"
)

// quicSalt is the salt of QUIC version 1 Initial secrets (RFC 9001, section 5.2).
const quicSalt = "38762cf7f55934b34d179ae6a4c80cadccbb7f0a"

const quicDatagram = 1200 // least size of an Initial datagram (RFC 9000, section 14.1)

// expandLabel is HKDF-Expand-Label of TLS 1.3 (RFC 8446, section 7.1).
func expandLabel(secret []byte, label string, n int) ([]byte, error) {
	info := wire.Join([]byte{byte(n >> 8), byte(n)}, wire.Len8([]byte("tls13 "+label)), []byte{0})
	return hkdf.Expand(sha256.New, secret, string(info), n)
}

// initial is a protected Initial packet of a client with a CRYPTO frame at packet number 0.
func initial(dcid, scid, hello []byte) ([]byte, error) {
	salt, err := hex.DecodeString(quicSalt)
	if err != nil {
		return nil, fmt.Errorf("read salt: %w", err)
	}
	secret, err := hkdf.Extract(sha256.New, dcid, salt)
	var client, key, iv, hp []byte
	for _, step := range []struct {
		out   *[]byte
		from  *[]byte
		label string
		n     int
	}{{&client, &secret, "client in", 32}, {&key, &client, "quic key", 16}, {&iv, &client, "quic iv", 12}, {&hp, &client, "quic hp", 16}} {
		if err == nil {
			*step.out, err = expandLabel(*step.from, step.label, step.n)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("derive keys: %w", err)
	}
	head := wire.Join([]byte{0xc3, 0, 0, 0, 1}, wire.Len8(dcid), wire.Len8(scid), []byte{0})
	plain := wire.Join([]byte{6, 0, 0x40 | byte(len(hello)>>8), byte(len(hello))}, hello)
	plain = append(plain, make([]byte, quicDatagram-len(head)-2-4-16-len(plain))...)
	n := 4 + len(plain) + 16
	head = append(head, 0x40|byte(n>>8), byte(n), 0, 0, 0, 0)
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("make cipher: %w", err)
	}
	seal, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("make cipher: %w", err)
	}
	packet := seal.Seal(append([]byte{}, head...), iv, plain, head)
	mask, err := aes.NewCipher(hp)
	if err != nil {
		return nil, fmt.Errorf("make cipher: %w", err)
	}
	at := len(head) - 4 // of the packet number; the sample begins 4 octets after
	var m [16]byte
	mask.Encrypt(m[:], packet[at+4:at+20])
	packet[0] ^= m[0] & 0x0f
	for i := range 4 {
		packet[at+i] ^= m[1+i]
	}
	return packet, nil
}

// QUIC writes a version 1 connection: a readable Initial with the client's hello, then sealed
// packets both ways. A fault of the cryptography leaves the Initial out.
func QUIC(s *wire.Script, name string, packets int) {
	dcid, scid := s.Rand.Bytes(8), s.Rand.Bytes(8)
	parameters := extension(57, []byte{1, 4, 0x80, 0, 0x75, 0x30, 4, 4, 0x80, 0x10, 0, 0, 15, 8}, scid)
	extensions := wire.Join(serverName(name), extension(10, wire.Len16(u16s(29, 23))), alpn("h3"),
		extension(13, wire.Len16(u16s(0x0403, 0x0804, 0x0401))), extension(51, wire.Len16(u16s(29), wire.Len16(s.Rand.Bytes(32)))),
		extension(45, []byte{1, 1}), extension(43, wire.Len8(u16s(0x0304))), parameters)
	hello := handshake(1, u16s(0x0303), s.Rand.Bytes(32), []byte{0}, wire.Len16(u16s(0x1301, 0x1302, 0x1303)), []byte{1, 0}, wire.Len16(extensions))
	if first, err := initial(dcid, scid, hello); err == nil {
		s.Ask(first)
	}
	for i := range packets {
		from, n := wire.Server, 1180
		if i%4 == 3 {
			from, n = wire.Client, 40
		}
		s.Bulk(from, s.Rand.Between(200*time.Microsecond, 5*time.Millisecond), wire.Join([]byte{0x40 | byte(i&3)}, scid), n)
	}
}
