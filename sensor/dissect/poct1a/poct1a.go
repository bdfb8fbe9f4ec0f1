package poct1a

import (
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
)

type protocol struct{}

// New returns the POCT1-A dissector.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "poct1a", Transport: dissect.TCP, MaxBuffer: maxHello}
}

func (protocol) Probe(_ *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	switch Find(data) {
	case 1:
		return dissect.Mine
	case 0:
		return dissect.More
	}
	return dissect.NotMine
}

func (protocol) New() dissect.Dissector { return &dissector{} }

type dissector struct{ reported bool }

var fields = []struct {
	name   string
	kind   model.Kind
	source string
}{
	{"device_id", model.KindIdentifier, "poct1a.device_id"}, {"vendor_id", model.KindVendor, "poct1a.vendor_id"},
	{"manufacturer_name", model.KindVendor, "poct1a.manufacturer_name"}, {"model_id", model.KindModel, "poct1a.model_id"},
	{"serial_id", model.KindSerial, "poct1a.serial_id"}, {"hw_version", model.KindHardwareRevision, "poct1a.hw_version"},
	{"sw_version", model.KindFirmware, "poct1a.sw_version"},
}

func (d *dissector) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	if Find(data) < 0 {
		return len(data), dissect.More // the observation reviewer's answers
	}
	h, size := Parse(data)
	if size == 0 {
		return 0, dissect.More
	}
	if !d.reported {
		d.reported = true
		dissect.Cleartext(e, "poct1a", "poct1a.hello")
		e.Report(dissect.Weakness{Type: model.FindingNoAuthentication, Rule: "poct1a.no_authentication", Version: 1, Subject: e.Flow().Responder,
			Peer: e.Flow().Initiator, Detail: "the hello carries no credential", Evidence: "poct1a.hello"})
	}
	s := dissect.About(e.Flow().Sender(dir))
	e.Observe(dissect.Claim{Subject: s, Kind: model.KindRole, Value: "point-of-care analyser", Source: "poct1a.hello"})
	for _, f := range fields {
		e.Observe(dissect.Claim{Subject: s, Kind: f.kind, Value: h[f.name], Source: f.source})
	}
	return size, dissect.Done
}
