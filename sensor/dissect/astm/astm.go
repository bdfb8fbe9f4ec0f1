package astm

import (
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
)

type protocol struct{}

// New returns the ASTM dissector.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "astm", Transport: dissect.TCP, MaxBuffer: 2 * maxFrame, ProbeBytes: 2 * maxFrame}
}

// Probe takes a frame with a fitting checksum that begins a message: an enquiry may stand before
// it. The other side only acknowledges, which proves nothing.
func (protocol) Probe(_ *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	if data[0] == 0x06 || data[0] == 0x15 {
		return dissect.More
	}
	for len(data) > 0 && data[0] == enq {
		data = data[1:]
	}
	f, size := Next(data)
	if size < 0 {
		return dissect.NotMine
	}
	if size == 0 {
		return dissect.More
	}
	if _, ok := ParseHeader(f.Text); !ok {
		return dissect.NotMine
	}
	return dissect.Mine
}

func (protocol) New() dissect.Dissector { return &dissector{} }

type dissector struct{ reported bool }

func (d *dissector) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	if data[0] != stx {
		return 1, dissect.More // enquiry, acknowledge, end, or bytes of a broken frame
	}
	f, size := Next(data)
	if size < 0 {
		return 1, dissect.More
	}
	if size == 0 {
		return 0, dissect.More
	}
	x, ok := ParseHeader(f.Text)
	if !ok {
		return size, dissect.More
	}
	who, server := e.Flow().Sender(dir), e.Flow().Responder
	if !d.reported {
		d.reported = true
		dissect.Cleartext(e, "astm", "astm.header")
		e.Report(dissect.Weakness{Type: model.FindingNoAuthentication, Rule: "astm.no_authentication", Version: 1, Subject: server,
			Peer: e.Flow().Initiator, Detail: "the protocol has no authentication", Evidence: "astm.header"})
	}
	e.Observe(dissect.Claim{Subject: dissect.About(who), Kind: model.KindRole, Value: "laboratory interface", Source: "astm.header"})
	e.Observe(dissect.Claim{Subject: dissect.About(who), Kind: model.KindIdentifier, Value: x.Sender, Source: "astm.H-5"})
	if x.Version != "" {
		e.Version(x.Version)
	}
	e.Operate(model.VerbNotify, "message", model.ResultUnset, 1)
	return size, dissect.More
}

// Gap goes on at the next frame.
func (d *dissector) Gap(dissect.Emitter, dissect.Direction, int) dissect.Verdict { return dissect.More }
