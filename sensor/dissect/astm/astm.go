package astm

import (
	"bytes"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

type protocol struct{}

// New returns the ASTM dissector.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "astm", Transport: dissect.TCP, MaxBuffer: 2 * maxFrame, ProbeBytes: 2 * maxFrame}
}

// Probe takes a frame with a fitting checksum that begins a message: an enquiry may stand before
// it. The other side only acknowledges, which proves nothing.
func (protocol) Probe(flow *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	if data[0] == 0x06 || data[0] == 0x15 {
		return dissect.More
	}
	for len(data) > 0 && data[0] == enq {
		data = data[1:]
	}
	if len(data) > 0 && data[0] == 'H' {
		return probeBare(data)
	}
	if _, ok := Long(data); ok {
		return dissect.Mine
	}
	f, size := Next(data)
	if size < 0 {
		return dissect.NotMine
	}
	if size == 0 {
		return dissect.More
	}
	if _, ok := ParseHeader(f.Text); ok {
		return dissect.Mine
	}
	if !flow.Inferred {
		return dissect.NotMine
	}
	// An analyser's connection may be older than the sensor.
	switch n, whole := results(data); {
	case n > 1:
		return dissect.Mine
	case n == 1 && whole:
		return dissect.More
	}
	return dissect.NotMine
}

// probeBare takes a header record without a frame, as analysers with a network interface of their
// own send it: a whole one that names the standard.
func probeBare(data []byte) dissect.Verdict {
	if len(data) >= 6 {
		if _, ok := ParseHeader(data); !ok {
			return dissect.NotMine
		}
	}
	end := bytes.IndexAny(data, "\r\n")
	switch {
	case end < 0 && len(data) > maxFrame:
		return dissect.NotMine
	case end < 0:
		return dissect.More
	}
	if x, ok := ParseHeader(data[:end]); !ok || !x.Standard() {
		return dissect.NotMine
	}
	return dissect.Mine
}

func (protocol) New() dissect.Dissector { return &dissector{} }

type dissector struct {
	reported bool
	framed   bool    // a frame began
	bare     [2]bool // a direction sends records without frames
	skipping [2]bool // in a record that is too long
}

func (d *dissector) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	if data[0] == stx && !d.bare[dir] {
		d.framed = true
	}
	if data[0] == 'H' && !d.framed {
		d.bare[dir] = true
	}
	if d.bare[dir] {
		return d.record(e, dir, data)
	}
	if data[0] != stx {
		// Enquiry, acknowledge, end, or bytes of a broken frame.
		at := bytes.IndexByte(data, stx)
		switch {
		case !d.framed: // records without frames may follow
			return 1, dissect.More
		case at < 0:
			return len(data), dissect.More
		}
		return at, dissect.More
	}
	if x, ok := Long(data); ok {
		d.header(e, dir, &x)
		return maxFrame, dissect.More
	}
	f, size := Next(data)
	if size < 0 {
		return 1, dissect.More
	}
	if size == 0 {
		return 0, dissect.More
	}
	if x, ok := ParseHeader(f.Text); ok {
		d.header(e, dir, &x)
	}
	return size, dissect.More
}

// record reads a record without a frame: headers only, all others are passed over by their ends.
func (d *dissector) record(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	end := bytes.IndexAny(data, "\r\n")
	if end < 0 {
		if d.skipping[dir] || data[0] != 'H' || len(data) > maxFrame {
			d.skipping[dir] = true
			return len(data), dissect.More
		}
		return 0, dissect.More
	}
	if x, ok := ParseHeader(data[:end]); ok && !d.skipping[dir] && x.Standard() {
		d.header(e, dir, &x)
	}
	d.skipping[dir] = false
	return end + 1, dissect.More
}

func (d *dissector) header(e dissect.Emitter, dir dissect.Direction, x *Header) {
	who, server := e.Flow().Sender(dir), e.Flow().Responder
	if !d.reported {
		d.reported = true
		dissect.Cleartext(e, "astm", "astm.header")
		e.Report(dissect.Weakness{Type: model.FindingNoAuthentication, Rule: "astm.no_authentication", Version: 1, Subject: server,
			Peer: e.Flow().Initiator, Detail: "the protocol has no authentication", Evidence: "astm.header"})
	}
	e.Observe(dissect.Claim{Subject: dissect.About(who), Kind: model.KindRole, Value: "laboratory interface", Source: "astm.header"})
	e.Observe(dissect.Claim{Subject: dissect.About(who), Kind: model.KindIdentifier, Value: string(wire.Latin([]byte(x.Sender))), Source: "astm.H-5"})
	if x.Version != "" {
		e.Version(x.Version)
	}
	e.Operate(model.VerbNotify, "message", model.ResultUnset, 1)
}

// Gap goes on at the next frame or record.
func (d *dissector) Gap(_ dissect.Emitter, dir dissect.Direction, _ int) dissect.Verdict {
	d.skipping[dir] = d.bare[dir]
	return dissect.More
}
