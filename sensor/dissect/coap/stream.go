package coap

import (
	"bytes"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

const (
	codeContent  = 2<<5 | 5
	codeSettings = 7<<5 | 1 // RFC 8323, section 5.3: the first message of each side
	maxSize      = 8 << 10
	maxTypes     = 16
)

// next cuts a message of a stream off (RFC 8323, section 3.2): its code, a cursor behind its token, and its size;
// 0 when bytes are missing, -1 when it is none.
func next(data []byte) (code byte, c wire.Cursor, size int) {
	head := wire.At(data)
	first := head.U8()
	n := int(first >> 4)
	switch n {
	case 13:
		n = 13 + int(head.U8())
	case 14:
		n = 269 + int(head.U16())
	case 15:
		return 0, c, -1 // 64 KiB and more
	}
	token := int(first & 15)
	code = head.U8()
	head.Skip(token)
	switch {
	case token > 8 || n > maxSize:
		return 0, c, -1
	case !head.OK():
		return code, c, 0
	}
	body := head.Bytes(n)
	if !head.OK() {
		return code, c, 0
	}
	return code, wire.At(body), len(data) - head.Len()
}

// probeStream wants the settings that begin a connection: options in order, none of which is unknown.
func probeStream(data []byte) dissect.Verdict {
	if len(data) < 2 {
		return dissect.More
	}
	at := 1
	switch data[0] >> 4 {
	case 13:
		at = 2
	case 14, 15: // settings are short
		return dissect.NotMine
	}
	if data[0]&15 != 0 || len(data) > at && data[at] != codeSettings {
		return dissect.NotMine
	}
	_, c, size := next(data)
	switch {
	case size < 0:
		return dissect.NotMine
	case size == 0:
		return dissect.More
	}
	number, seen := 0, 0
	for c.Len() > 0 && c.OK() {
		b := c.U8()
		number += extended(&c, int(b>>4))
		n := extended(&c, int(b&15))
		c.Skip(n)
		if number != 2 && number != 4 || n > 4 { // Max-Message-Size, Block-Wise-Transfer
			return dissect.NotMine
		}
		seen++
	}
	if !c.OK() || seen == 0 {
		return dissect.NotMine
	}
	return dissect.Mine
}

func (r *reader) stream(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	code, c, size := next(data)
	switch {
	case size < 0:
		return len(data), dissect.Done
	case size == 0:
		return 0, dissect.More
	}
	return size, r.message(e, dir, code, &c)
}

// types tells the resource types of a discovery's answer (RFC 6690, section 3.1) that a standard names: the
// Open Connectivity Foundation's, and those of CoRE. Others, paths and titles are text of whoever made them.
func types(e dissect.Emitter, dir dissect.Direction, links []byte) {
	told := 0
	for told < maxTypes {
		_, rest, found := bytes.Cut(links, []byte(`rt="`))
		list, after, closed := bytes.Cut(rest, []byte(`"`))
		if !found || !closed {
			return
		}
		for name := range bytes.FieldsSeq(list) {
			if told < maxTypes && (bytes.HasPrefix(name, []byte("oic.")) || bytes.HasPrefix(name, []byte("core."))) {
				told++
				e.Observe(dissect.Claim{Subject: dissect.About(e.Flow().Sender(dir)), Kind: model.KindCapability, Value: "resource type " + string(name), Source: "coap.resource_type"})
			}
		}
		links = after
	}
}
