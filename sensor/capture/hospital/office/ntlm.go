package office

import (
	"strings"

	"github.com/wardscope/wardscope/sensor/capture/hospital/wire"
)

// Windows is a Windows host as its own protocols name it.
type Windows struct {
	Host, Domain string // NetBIOS names
	DNS          string // DNS domain
	Major, Minor byte
	Build        uint16
	Native       string // SMBv1 native OS text; valid iff it speaks SMBv1
	Account      string // used to log in
}

func (w Windows) version() []byte {
	var b wire.Buf
	b.U8(w.Major, w.Minor).U16LE(w.Build).U8(0, 0, 0, 15)
	return b
}

const (
	ntlmFlags = 0xe2888215 // unicode, NTLM, target info, version, 128-bit
	ntlmOID   = "\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a"
	spnegoOID = "\x2b\x06\x01\x05\x05\x02"
)

func field(n, offset int) []byte {
	var b wire.Buf
	b.U16LE(uint16(n), uint16(n)).U32LE(uint32(offset))
	return b
}

func ntlmNegotiate(w Windows) []byte {
	var b wire.Buf
	b.Str("NTLMSSP\x00").U32LE(1, 0xe2088297).Raw(field(0, 0), field(0, 0), w.version())
	return b
}

func ntlmChallenge(w Windows, r *wire.Rand) []byte {
	av := func(id uint16, v string) []byte {
		var b wire.Buf
		b.U16LE(id, uint16(2*len(v))).Raw(wire.UTF16(v))
		return b
	}
	name := wire.UTF16(w.Domain)
	info := wire.Join(av(2, w.Domain), av(1, w.Host), av(4, w.DNS), av(3, strings.ToLower(w.Host)+"."+w.DNS), av(5, w.DNS), []byte{0, 0, 0, 0})
	var b wire.Buf
	b.Str("NTLMSSP\x00").U32LE(2).Raw(field(len(name), 56)).U32LE(ntlmFlags).Raw(r.Bytes(8)).Zero(8).
		Raw(field(len(info), 56+len(name)), w.version(), name, info)
	return b
}

func ntlmAuthenticate(w Windows, r *wire.Rand) []byte {
	parts := [][]byte{wire.UTF16(w.Domain), wire.UTF16(w.Account), wire.UTF16(w.Host), r.Bytes(24), r.Bytes(24), r.Bytes(16)}
	at := 88
	var fields [6][]byte
	for i, p := range parts {
		fields[i] = field(len(p), at)
		at += len(p)
	}
	var b wire.Buf
	b.Str("NTLMSSP\x00").U32LE(3).Raw(fields[3], fields[4], fields[0], fields[1], fields[2], fields[5]).U32LE(ntlmFlags).Raw(w.version()).Zero(16).Raw(parts...)
	return b
}

// negTokenInit wraps a mechanism's first token (RFC 4178, section 4.2.1).
func negTokenInit(token []byte) []byte {
	mech := wire.BER(0xa0, wire.BER(0x30, wire.BER(6, []byte(ntlmOID))))
	inner := mech
	if token != nil {
		inner = wire.Join(mech, wire.BER(0xa2, wire.BER(4, token)))
	}
	return wire.BER(0x60, wire.BER(6, []byte(spnegoOID)), wire.BER(0xa0, wire.BER(0x30, inner)))
}

// negTokenResp wraps a later token; state 1 means "incomplete", 0 "completed".
func negTokenResp(state byte, token []byte) []byte {
	body := wire.BER(0xa0, []byte{0x0a, 1, state})
	if token != nil {
		body = wire.Join(body, wire.BER(0xa2, wire.BER(4, token)))
	}
	return wire.BER(0xa1, wire.BER(0x30, body))
}
