package office

import (
	"time"

	"github.com/wardscope/wardscope/sensor/capture/hospital/wire"
)

// nbss is a session message (RFC 1002, section 4.3.1) of body and bulk octets that follow.
func nbss(bulk int, parts ...[]byte) []byte {
	body := wire.Join(parts...)
	n := len(body) + bulk
	return wire.Join([]byte{0, byte(n >> 16), byte(n >> 8), byte(n)}, body)
}

type smb2 struct {
	message uint64
	session uint64
	tree    uint32
}

// header is the SMB2 header (MS-SMB2, section 2.2.1.2).
func (m *smb2) header(command uint16, reply bool, status uint32) []byte {
	flags := uint32(0)
	if reply {
		flags = 1
	}
	var b wire.Buf
	b.U8(0xfe).Str("SMB").U16LE(64, 1).U32LE(status).U16LE(command, 31).U32LE(flags, 0).U64LE(m.message).
		U32LE(0xfeff, m.tree).U64LE(m.session).Zero(16)
	return b
}

// ReadShare writes an SMB2 session over dialect (0x0202 to 0x0302): negotiation, NTLM login, a
// file opened, reads of octets each, and the file closed.
func ReadShare(s *wire.Script, client, server Windows, dialect uint16, share, file string, reads, octets int) {
	m := &smb2{}
	m.negotiate(s, client, server, dialect)
	m.login(s, client, server)
	m.open(s, share, file)
	for i := range reads {
		m.message++
		var req wire.Buf
		req.U16LE(49).U8(0x50, 0).U32LE(uint32(octets)).U64LE(uint64(i*octets), 1, 2).U32LE(1, 0, 0).U16LE(0, 0).U8(0)
		s.Ask(nbss(0, m.header(8, false, 0), req))
		var res wire.Buf
		res.U16LE(17).U8(0x50, 0).U32LE(uint32(octets), 0, 0)
		s.Bulk(wire.Server, s.Rand.Between(100*time.Microsecond, time.Millisecond), nbss(octets, m.header(8, true, 0), res), octets)
	}
	m.message++
	var req, res wire.Buf
	req.U16LE(24, 0).U32LE(0).U64LE(1, 2)
	res.U16LE(60, 0).U32LE(0).Zero(48).U32LE(0x20)
	s.Ask(nbss(0, m.header(6, false, 0), req))
	s.Answer(nbss(0, m.header(6, true, 0), res))
}

// guid is a machine's GUID, the same in all its sessions.
func (w Windows) guid() []byte {
	r := wire.NewRand(wire.Key(w.Host), wire.Key(w.DNS))
	return r.Bytes(16)
}

func (m *smb2) negotiate(s *wire.Script, client, server Windows, dialect uint16) {
	dialects := []uint16{0x0202, 0x0210, 0x0300, 0x0302}
	for i, d := range dialects {
		if d == dialect {
			dialects = dialects[:i+1]
			break
		}
	}
	var req wire.Buf
	req.U16LE(36, uint16(len(dialects)), 1, 0).U32LE(0x7f).Raw(client.guid()).Zero(8).U16LE(dialects...)
	s.Ask(nbss(0, m.header(0, false, 0), req))
	token := negTokenInit(nil)
	var res wire.Buf
	res.U16LE(65, 1, dialect, 0).Raw(server.guid()).U32LE(0x2f, 1<<20, 1<<20, 1<<20).U64LE(133500000000000000, 0).
		U16LE(128, uint16(len(token))).U32LE(0).Raw(token)
	s.Answer(nbss(0, m.header(0, true, 0), res))
}

const moreProcessing = 0xc0000016

func (m *smb2) login(s *wire.Script, client, server Windows) {
	setup := func(token []byte) []byte {
		m.message++
		var b wire.Buf
		b.U16LE(25).U8(0, 1).U32LE(1, 0).U16LE(88, uint16(len(token))).U64LE(0).Raw(token)
		return nbss(0, m.header(1, false, 0), b)
	}
	answer := func(status uint32, token []byte) []byte {
		var b wire.Buf
		b.U16LE(9, 0, 72, uint16(len(token))).Raw(token)
		return nbss(0, m.header(1, true, status), b)
	}
	s.Ask(setup(negTokenInit(ntlmNegotiate(client))))
	m.session = 0x0000400000000001 | s.Rand.Uint64()>>40<<8
	s.Answer(answer(moreProcessing, negTokenResp(1, ntlmChallenge(server, s.Rand))))
	s.Ask(setup(negTokenResp(1, ntlmAuthenticate(client, s.Rand))))
	s.Answer(answer(0, negTokenResp(0, nil)))
}

func (m *smb2) open(s *wire.Script, share, file string) {
	m.message++
	path := wire.UTF16(share)
	var tree, treeOK wire.Buf
	tree.U16LE(9, 0, 72, uint16(len(path))).Raw(path)
	s.Ask(nbss(0, m.header(3, false, 0), tree))
	m.tree = 5
	treeOK.U16LE(16).U8(1, 0).U32LE(0x30, 0, 0x001f01ff)
	s.Answer(nbss(0, m.header(3, true, 0), treeOK))
	m.message++
	name := wire.UTF16(file)
	var create, created wire.Buf
	create.U16LE(57).U8(0, 0).U32LE(2).U64LE(0, 0).U32LE(0x00120089, 0x80, 7, 1, 0x60).U16LE(120, uint16(len(name))).U32LE(0, 0).Raw(name)
	s.Ask(nbss(0, m.header(5, false, 0), create))
	created.U16LE(89).U8(0, 0).U32LE(1).Zero(32).U64LE(1<<20, 1<<20).U32LE(0x20, 0).U64LE(1, 2).U32LE(0, 0)
	s.Answer(nbss(0, m.header(5, true, 0), created))
}

// smb1 is an SMBv1 message (MS-CIFS, section 2.2.3): parameter words, then bytes.
func smb1(command byte, status uint32, reply bool, session uint16, words, data []byte) []byte {
	flags := byte(0x18)
	if reply {
		flags |= 0x80
	}
	var b wire.Buf
	b.U8(0xff).Str("SMB").U8(command).U32LE(status).U8(flags).U16LE(0xc807).Zero(12).U16LE(0, 0xfeff, session, 64)
	b.U8(byte(len(words) / 2)).Raw(words).U16LE(uint16(len(data))).Raw(data)
	return nbss(0, b)
}

// LegacyShare writes an SMBv1 session: negotiation of NT LM 0.12, NTLM login with the native
// system texts, logoff.
func LegacyShare(s *wire.Script, client, server Windows) {
	s.Ask(smb1(0x72, 0, false, 0, nil, []byte("\x02PC NETWORK PROGRAM 1.0\x00\x02LANMAN1.0\x00\x02NT LM 0.12\x00")))
	var neg wire.Buf
	neg.U16LE(2).U8(3).U16LE(50, 1).U32LE(16644, 65536, 0, 0x8001f3fd).U64LE(133500000000000000).U16LE(0).U8(0)
	s.Answer(smb1(0x72, 0, true, 0, neg, wire.Join(server.guid(), negTokenInit(nil))))
	text := func(odd int, v ...string) []byte {
		var b wire.Buf
		b.Zero(odd)
		for _, t := range v {
			b.Raw(wire.UTF16(t), []byte{0, 0})
		}
		return b
	}
	setup := func(token []byte, session uint16) []byte {
		var w wire.Buf
		w.U8(255, 0).U16LE(0, 16644, 50, 0).U32LE(0).U16LE(uint16(len(token))).U32LE(0, 0x800000d4)
		return smb1(0x73, 0, false, session, w, wire.Join(token, text((len(token)+1)%2, client.Native, client.Native, "")))
	}
	answer := func(status uint32, token []byte) []byte {
		var w wire.Buf
		w.U8(255, 0).U16LE(0, 0, uint16(len(token)))
		return smb1(0x73, status, true, 2048, w, wire.Join(token, text((len(token)+1)%2, server.Native, server.Native)))
	}
	s.Ask(setup(negTokenInit(ntlmNegotiate(client)), 0))
	s.Answer(answer(moreProcessing, negTokenResp(1, ntlmChallenge(server, s.Rand))))
	s.Ask(setup(negTokenResp(1, ntlmAuthenticate(client, s.Rand)), 2048))
	s.Answer(answer(0, negTokenResp(0, nil)))
	s.Ask(smb1(0x74, 0, false, 2048, []byte{255, 0, 0, 0}, nil))
	s.Answer(smb1(0x74, 0, true, 2048, []byte{255, 0, 0, 0}, nil))
}
