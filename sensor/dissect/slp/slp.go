package slp

import (
	"strings"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

// The functions (RFC 2608, section 8).
const (
	srvReply  = 2
	srvReg    = 3
	daAdvert  = 8
	lastFunc  = 11
	maxLength = 64 << 10 // bytes
)

type protocol struct{}

// New returns the protocol.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "slp", Transport: dissect.TCP | dissect.UDP, Ports: []uint16{427}, MaxBuffer: 32 << 10}
}

// Probe wants the header with a language tag; datagrams also the right length.
func (protocol) Probe(f *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	if data[0] != 2 || len(data) > 1 && (data[1] == 0 || data[1] > lastFunc) {
		return dissect.NotMine
	}
	if len(data) < 16 {
		if f.Protocol == 6 {
			return dissect.More
		}
		return dissect.NotMine
	}
	_, n, ok := header(data)
	if !ok || f.Protocol != 6 && n != len(data) {
		return dissect.NotMine
	}
	return dissect.Mine
}

// header reads the fixed header (RFC 2608, section 8); body begins behind the language tag.
func header(data []byte) (body wire.Cursor, size int, ok bool) {
	c := wire.At(data)
	c.Skip(2)
	size = int(c.U24())
	flags := c.U16()
	c.Skip(5)
	tag := c.Bytes(int(c.U16()))
	if !c.OK() || flags&0x1fff != 0 || len(tag) < 2 || len(tag) > 8 || size < 16 || size > maxLength {
		return body, 0, false
	}
	for _, b := range tag {
		if (b|0x20 < 'a' || b|0x20 > 'z') && b != '-' {
			return body, 0, false
		}
	}
	return c, size, true
}

func (protocol) New() dissect.Dissector { return reader{} }

type reader struct{}

func (reader) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	if len(data) < 16 {
		return 0, dissect.More
	}
	body, size, ok := header(data)
	if !ok {
		return 0, dissect.NotMine
	}
	if e.Flow().Protocol == 6 && len(data) < size && size <= 30<<10 {
		return 0, dissect.More
	}
	sender := dissect.About(e.Flow().Sender(dir))
	switch data[1] {
	case srvReply:
		body.Skip(2)
		for range min(int(body.U16()), 16) {
			entry(e, sender, &body)
		}
	case srvReg:
		entry(e, sender, &body)
	case daAdvert:
		e.Observe(dissect.Claim{Subject: sender, Kind: model.KindRole, Value: "service location directory", Source: "slp.function"})
	}
	return size, dissect.More
}

// entry reads a URL entry (RFC 2608, section 4.3) and tells the type of service in it.
func entry(e dissect.Emitter, sender model.Subject, c *wire.Cursor) {
	c.Skip(3)
	url := string(c.Bytes(int(c.U16())))
	for range int(c.U8()) {
		c.Skip(4)
		c.Skip(max(int(c.U16())-6, 0))
		if !c.OK() {
			return
		}
	}
	kind, _, found := strings.Cut(url, "://")
	if c.OK() && found && strings.HasPrefix(kind, "service:") {
		e.Observe(dissect.Claim{Subject: sender, Kind: model.KindServiceOffered, Value: kind, Source: "slp.url"})
	}
}
