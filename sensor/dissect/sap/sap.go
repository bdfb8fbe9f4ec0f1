package sap

import (
	"bytes"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

// The first octet of a header (RFC 2974, section 6).
const (
	versionMask = 0xe0
	version     = 0x20
	flagIPv6    = 0x10
	flagDelete  = 0x04
	flagSecret  = 0x02 // encrypted
	flagPacked  = 0x01 // compressed
	maxLines    = 64
)

type protocol struct{}

// New returns the protocol.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "sap", Transport: dissect.UDP, Ports: []uint16{9875}}
}

// Probe wants a session description behind the header; of a deletion its first line.
func (protocol) Probe(_ *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	if _, ok := description(data); ok {
		return dissect.Mine
	}
	return dissect.NotMine
}

// description is what stands behind the header and the payload type, which may be absent for SDP.
func description(data []byte) (sdp []byte, ok bool) {
	c := wire.At(data)
	flags, secret := c.U8(), 4*int(c.U8())
	if flags&versionMask != version || flags&(flagSecret|flagPacked) != 0 {
		return nil, false
	}
	origin := 4
	if flags&flagIPv6 != 0 {
		origin = 16
	}
	c.Skip(2 + origin + secret) // the message's hash, who sends it, the signature
	sdp = bytes.TrimPrefix(c.Rest(), []byte("application/sdp\x00"))
	if !c.OK() {
		return nil, false
	}
	if flags&flagDelete != 0 {
		return sdp, bytes.HasPrefix(sdp, []byte("o="))
	}
	return sdp, bytes.HasPrefix(sdp, []byte("v=0\r\no=")) || bytes.HasPrefix(sdp, []byte("v=0\no="))
}

func (protocol) New() dissect.Dissector { return reader{} }

type reader struct{}

func (reader) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	sdp, ok := description(data)
	if !ok {
		return len(data), dissect.More
	}
	sender := dissect.About(e.Flow().Sender(dir))
	e.Observe(dissect.Claim{Subject: sender, Kind: model.KindRole, Value: "session announcer", Source: "sap.header"})
	for range maxLines {
		line, rest, found := bytes.Cut(sdp, []byte("\n"))
		if tool, is := bytes.CutPrefix(line, []byte("a=tool:")); is { // RFC 8866, section 6.4
			if tool = bytes.TrimSuffix(tool, []byte("\r")); wire.Printable(tool) {
				e.Observe(dissect.Claim{Subject: sender, Kind: model.KindSoftware, Value: string(tool), Source: "sap.tool"})
			}
		}
		if sdp = rest; !found || bytes.HasPrefix(line, []byte("m=")) { // what follows is of a medium
			break
		}
	}
	return len(data), dissect.More
}
