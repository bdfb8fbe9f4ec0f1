package dnp3

import (
	"strconv"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
)

type protocol struct{}

// New returns the DNP3 dissector.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "dnp3", Transport: dissect.TCP | dissect.UDP, Ports: []uint16{20000}, MaxBuffer: 512}
}

func (protocol) Probe(_ *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	_, size := Next(data)
	switch {
	case size < 0:
		return dissect.NotMine
	case size == 0 && len(data) < header:
		return dissect.More
	}
	return dissect.Mine
}

func (protocol) New() dissect.Dissector { return &dissector{} }

type dissector struct{ reported bool }

func (d *dissector) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	f, size := Next(data)
	if size < 0 {
		return resync(data), dissect.More
	}
	if size == 0 {
		return 0, dissect.More
	}
	outstation, address, master := e.Flow().Sender(dir), f.Source, f.Destination
	if f.FromMaster {
		outstation, address, master = e.Flow().Receiver(dir), f.Destination, f.Source
	}
	s := dissect.About(outstation)
	s.Part = "dnp3:" + strconv.Itoa(int(address))
	e.Observe(dissect.Claim{Subject: s, Kind: model.KindIdentifier, Value: "outstation " + strconv.Itoa(int(address)), Source: "dnp3.address"})
	x, ok := Parse(f.Data)
	if !ok {
		return size, dissect.More
	}
	if f.FromMaster {
		if op, known := functions[x.Function]; known {
			e.Operate(op.verb, op.object, model.ResultUnset, 1)
		}
		peer := dissect.About(e.Flow().Sender(dir))
		e.Observe(dissect.Claim{Subject: peer, Kind: model.KindIdentifier, Value: "DNP3 master " + strconv.Itoa(int(master)), Source: "dnp3.address"})
		return size, dissect.More
	}
	if x.Function == 129 || x.Function == 130 {
		d.response(e, s, dir, &x)
	}
	return size, dissect.More
}

// resync finds the next start of a frame after bytes that are none.
func resync(data []byte) int {
	for i := 1; i+1 < len(data); i++ {
		if data[i] == 0x05 && data[i+1] == 0x64 {
			return i
		}
	}
	if data[len(data)-1] == 0x05 && len(data) > 1 {
		return len(data) - 1
	}
	return len(data)
}

// Gap goes on at the next frame.
func (d *dissector) Gap(dissect.Emitter, dissect.Direction, int) dissect.Verdict { return dissect.More }

// functions by code of requests: clause 4.2.2.5.
var functions = map[uint8]struct {
	verb   model.Verb
	object string
}{
	1: {model.VerbRead, "points"}, 2: {model.VerbWrite, "points"}, 3: {model.VerbExecute, "select"}, 4: {model.VerbExecute, "operate"},
	5: {model.VerbExecute, "operate"}, 6: {model.VerbExecute, "operate"}, 13: {model.VerbExecute, "restart"}, 14: {model.VerbExecute, "restart"},
	18: {model.VerbExecute, "stop"}, 17: {model.VerbExecute, "start"}, 20: {model.VerbConfigure, "events"}, 21: {model.VerbConfigure, "events"},
	25: {model.VerbRead, "file"}, 26: {model.VerbRead, "file"}, 27: {model.VerbDelete, "file"}, 32: {model.VerbLogin, "challenge"},
}

// attributes that name the device: clause 11.3.
var attributes = map[uint8]struct {
	kind   model.Kind
	source string
}{
	242: {model.KindSoftware, "dnp3.software_version"}, 243: {model.KindHardwareRevision, "dnp3.hardware_version"},
	248: {model.KindSerial, "dnp3.serial_number"}, 250: {model.KindModel, "dnp3.product_name"}, 252: {model.KindVendor, "dnp3.manufacturer"},
}

func (d *dissector) response(e dissect.Emitter, s model.Subject, dir dissect.Direction, x *Fragment) {
	if !d.reported {
		d.reported = true
		e.Report(dissect.Weakness{Type: model.FindingNoAuthentication, Rule: "dnp3.no_authentication", Version: 1, Subject: e.Flow().Sender(dir),
			Part: s.Part, Peer: e.Flow().Receiver(dir), Detail: "requests are answered without authentication", Evidence: "dnp3.response"})
	}
	for _, a := range Attributes(x.Objects) {
		if k, ok := attributes[a.Variation]; ok {
			e.Observe(dissect.Claim{Subject: s, Kind: k.kind, Value: a.Text, Source: k.source})
		}
	}
}
