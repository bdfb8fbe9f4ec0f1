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

// Probe takes the hello, or, of a connection that was there before the sensor, a later message of the device.
func (protocol) Probe(f *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	found := Find(data)
	if f.Inferred {
		found = max(found, Later(data))
	}
	switch found {
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
		if Later(data) > 0 {
			d.analyser(e, dir, "poct1a.message")
		}
		return len(data), dissect.More // the observation reviewer's answers
	}
	h, size := Parse(data)
	if size == 0 {
		return 0, dissect.More
	}
	s := d.analyser(e, dir, "poct1a.hello")
	for _, f := range fields {
		e.Observe(dissect.Claim{Subject: s, Kind: f.kind, Value: h[f.name], Source: f.source})
	}
	return size, dissect.Done
}

// analyser tells that the sender is one, once.
func (d *dissector) analyser(e dissect.Emitter, dir dissect.Direction, evidence string) model.Subject {
	s := dissect.About(e.Flow().Sender(dir))
	if !d.reported {
		d.reported = true
		dissect.Cleartext(e, "poct1a", evidence)
		e.Report(dissect.Weakness{Type: model.FindingNoAuthentication, Rule: "poct1a.no_authentication", Version: 1, Subject: e.Flow().Responder,
			Peer: e.Flow().Initiator, Detail: "the hello carries no credential", Evidence: evidence})
		e.Observe(dissect.Claim{Subject: s, Kind: model.KindRole, Value: "point-of-care analyser", Source: evidence})
	}
	return s
}
