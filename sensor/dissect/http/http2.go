package http

import (
	"bytes"
	"encoding/binary"

	"golang.org/x/net/http2/hpack"

	"github.com/wardscope/wardscope/sensor/dissect"
)

// Bounds of what one direction of HTTP/2 may make us keep.
const (
	maxTable = 16 << 10 // bytes of the dynamic table; RFC 9113, section 6.5.2: 4096 unless the other side allows more
	maxValue = 8 << 10  // bytes of a header field
	maxList  = 64 << 10 // bytes of a header block, unpacked: one byte may stand for the whole table
)

// The frames that are read (RFC 9113, section 6), and their flags.
const (
	frameHeader       = 9
	frameHeaders      = 0x1
	framePushPromise  = 0x5
	frameContinuation = 0x9

	flagEndHeaders = 0x4
	flagPadded     = 0x8
	flagPriority   = 0x20
)

var magic = []byte("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")

// multiplexed is a conversation that speaks HTTP/2. Header blocks are read by x/net's hpack, in bounds.
// A direction with a gap is given up: its table would be another than its sender's, and where frames
// begin is not known any more.
type multiplexed struct{ ends [2]multiplexedEnd }

type multiplexedEnd struct {
	decoder *hpack.Decoder
	h       head // of the block under way
	list    int  // its bytes, unpacked
	open    bool // a block goes on in the next frame
	pushed  bool // it is a request that the server made up
	spoken  bool // something of this direction was read as HTTP/2
	lost    bool
}

// multiplex turns a conversation to HTTP/2.
func (s *session) multiplex(e dissect.Emitter) {
	if s.h2 != nil {
		return
	}
	s.h2 = &multiplexed{}
	e.Version("HTTP/2")
	e.Service("http2")
}

// frame reads one frame, or passes over it.
func (s *session) frame(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	x := &s.h2.ends[dir]
	if x.lost {
		return len(data) + maxLength, dissect.More
	}
	if dir == dissect.FromInitiator && !x.spoken {
		if n := min(len(data), len(magic)); !bytes.Equal(data[:n], magic[:n]) {
			x.lost = true
			return len(data), dissect.More
		} else if n < len(magic) {
			return 0, dissect.More
		}
		x.spoken = true
		return len(magic), dissect.More
	}
	if len(data) < frameHeader {
		return 0, dissect.More
	}
	x.spoken = true
	length, kind, flags := int(binary.BigEndian.Uint32(data)>>8), data[3], data[4]
	if x.open != (kind == frameContinuation) { // nothing may come between (RFC 9113, section 6.10)
		x.lost = true
		return len(data), dissect.More
	}
	if kind != frameHeaders && kind != framePushPromise && kind != frameContinuation {
		return frameHeader + length, dissect.More
	}
	if frameHeader+length >= maxHead {
		x.lost = true
		return len(data), dissect.More
	}
	if len(data) < frameHeader+length {
		return 0, dissect.More
	}
	block, ok := fragment(data[frameHeader:frameHeader+length], kind, flags)
	if kind != frameContinuation {
		x.h, x.list, x.pushed = head{contentLength: -1}, 0, kind == framePushPromise
	}
	if !ok || !x.read(block, flags&flagEndHeaders != 0) {
		x.lost = true
		return frameHeader + length, dissect.More
	}
	if x.open {
		return frameHeader + length, dissect.More
	}
	return frameHeader + length, s.block(e, dir, x)
}

// fragment takes what stands around a header block off: padding, priority, the promised stream.
func fragment(payload []byte, kind, flags byte) (block []byte, ok bool) {
	if kind == frameContinuation {
		return payload, true
	}
	before, behind := 0, 0
	if flags&flagPadded != 0 {
		if len(payload) == 0 {
			return nil, false
		}
		before, behind = 1, int(payload[0])
	}
	switch {
	case kind == framePushPromise:
		before += 4
	case flags&flagPriority != 0:
		before += 5
	}
	if before+behind > len(payload) {
		return nil, false
	}
	return payload[before : len(payload)-behind], true
}

// read decodes a part of a header block; false when what follows cannot be read any more.
func (x *multiplexedEnd) read(block []byte, last bool) bool {
	if x.decoder == nil {
		x.decoder = hpack.NewDecoder(4096, x.field)
		x.decoder.SetAllowedMaxDynamicTableSize(maxTable)
		x.decoder.SetMaxStringLength(maxValue)
	}
	x.open = !last
	if _, err := x.decoder.Write(block); err != nil || x.list > maxList {
		return false
	}
	return !last || x.decoder.Close() == nil
}

// field takes a header field into the head that HTTP/1 would have sent.
func (x *multiplexedEnd) field(f hpack.HeaderField) {
	if x.list += len(f.Name) + len(f.Value); x.list > maxList {
		return
	}
	h := &x.h
	switch f.Name {
	case ":method":
		h.method = []byte(f.Value)
	case ":path":
		h.target = []byte(f.Value)
	case ":authority":
		h.host = []byte(f.Value)
	case ":status":
		h.status = max(0, number([]byte(f.Value)))
	case "host", "server", "accept", "user-agent", "content-type", "authorization", "www-authenticate":
		h.field([]byte(f.Name), []byte(f.Value))
	}
}

// block tells of a whole header block: a request, a response, or trailers, which tell nothing.
func (s *session) block(e dissect.Emitter, dir dissect.Direction, x *multiplexedEnd) dissect.Verdict {
	h := &x.h
	verdict := dissect.More
	switch {
	case x.pushed:
	case dir == dissect.FromInitiator && known(h.method) && h.status == 0:
		h.size = len(h.userAgent) // bodies are not read: the message is what may name an agent's version
		_, verdict = s.request(e, dir, h, h.userAgent)
	case dir == dissect.FromResponder && h.method == nil && h.status >= 200 && h.status <= 599:
		s.connect = false // a tunnel is one stream of many
		_, verdict = s.response(e, dir, h)
	}
	*h = head{}
	return verdict
}
