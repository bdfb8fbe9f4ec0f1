package pniocm

import (
	"fmt"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
)

type protocol struct{}

// New returns the PROFINET context manager dissector.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "profinet", Transport: dissect.UDP, Ports: []uint16{34964}}
}

func (protocol) Probe(_ *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	if _, ok := Parse(data); !ok {
		return dissect.NotMine
	}
	return dissect.Mine
}

func (protocol) New() dissect.Dissector { return dissector{} }

type dissector struct{}

// calls by operation number: IEC 61158-6-10, section 4.10.
var calls = [...]struct {
	verb   model.Verb
	object string
}{{model.VerbAssociate, "profinet"}, {model.VerbAssociate, "release"}, {model.VerbRead, "record"}, {model.VerbWrite, "record"},
	{model.VerbConfigure, "control"}, {model.VerbRead, "record"}}

func (dissector) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	x, ok := Parse(data)
	if !ok {
		return len(data), dissect.More
	}
	const request, response = 0, 2
	switch {
	case x.Kind == request && x.ToDevice:
		device(e, e.Flow().Receiver(dir), &x)
		if int(x.Operation) < len(calls) {
			e.Operate(calls[x.Operation].verb, calls[x.Operation].object, model.ResultUnset, 1)
		}
	case x.Kind == response && x.ToDevice:
		device(e, e.Flow().Sender(dir), &x)
		if m, found := FindMaintenance(x.Body); found {
			who := e.Flow().Sender(dir)
			say(e, who, model.KindModel, m.Order, "profinet.im0_order_id")
			say(e, who, model.KindSerial, m.Serial, "profinet.im0_serial")
			say(e, who, model.KindFirmware, m.Software, "profinet.im0_software_revision")
			say(e, who, model.KindHardwareRevision, fmt.Sprint(m.Hardware), "profinet.im0_hardware_revision")
		}
	}
	return len(data), dissect.More
}

func device(e dissect.Emitter, who model.Endpoint, x *Call) {
	if x.Vendor != 0 {
		say(e, who, model.KindIdentifier, fmt.Sprintf("PROFINET vendor %#06x device %#06x", x.Vendor, x.Device), "profinet.object_uuid")
	}
}

func say(e dissect.Emitter, who model.Endpoint, kind model.Kind, v, source string) {
	e.Observe(dissect.Claim{Subject: dissect.About(who), Kind: kind, Value: v, Source: source})
}
