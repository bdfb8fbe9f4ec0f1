package hartip

import (
	"fmt"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
)

const protoTCP = 6

type protocol struct{}

// New returns the HART-IP dissector.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "hart-ip", Transport: dissect.TCP | dissect.UDP, Ports: []uint16{5094}, MaxBuffer: 1024}
}

// Probe takes the opening of a session, or a command whose check byte fits.
func (protocol) Probe(f *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	x, size := Next(data)
	switch {
	case size < 0:
		return dissect.NotMine
	case size == 0 && f.Protocol == protoTCP:
		return dissect.More
	case size == 0 || f.Protocol != protoTCP && size != len(data):
		return dissect.NotMine
	case x.ID == 0 && x.Body[0] <= 1:
		return dissect.Mine
	case x.ID == 3:
		if _, ok := ParseToken(x.Body); ok {
			return dissect.Mine
		}
		return dissect.NotMine
	}
	if f.Protocol == protoTCP && len(data) == size {
		return dissect.More
	}
	return dissect.NotMine
}

func (protocol) New() dissect.Dissector { return dissector{} }

type dissector struct{}

func (dissector) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	f, size := Next(data)
	if size < 0 {
		return 0, dissect.NotMine
	}
	if size == 0 {
		return 0, dissect.More
	}
	who := e.Flow().Sender(dir)
	if f.ID == 0 && f.Kind == 1 && f.Status == 0 {
		e.Report(dissect.Weakness{Type: model.FindingNoAuthentication, Rule: "hart-ip.no_authentication", Version: 1, Subject: who,
			Peer: e.Flow().Receiver(dir), Detail: "session opened without authentication", Evidence: "hart-ip.session"})
	}
	if f.ID != 3 {
		return size, dissect.More
	}
	t, ok := ParseToken(f.Body)
	switch {
	case !ok:
	case !t.Reply:
		verb := model.VerbRead
		if writes[t.Command] {
			verb = model.VerbWrite
		}
		e.Operate(verb, fmt.Sprintf("command %d", t.Command), model.ResultUnset, 1)
	case t.Command == 0:
		if x, fine := ParseIdentity(t.Data); fine {
			s := dissect.About(who)
			s.Part = fmt.Sprintf("hart:%06x", x.ID)
			say := func(kind model.Kind, v, source string) {
				e.Observe(dissect.Claim{Subject: s, Kind: kind, Value: v, Source: source})
			}
			say(model.KindIdentifier, fmt.Sprintf("HART device type %#06x", x.Type), "hart-ip.device_type")
			say(model.KindIdentifier, fmt.Sprintf("HART device id %#08x", x.ID), "hart-ip.device_id")
			say(model.KindSoftware, fmt.Sprintf("revision %d", x.Software), "hart-ip.software_revision")
			say(model.KindHardwareRevision, fmt.Sprint(x.Hardware), "hart-ip.hardware_revision")
		}
	}
	return size, dissect.More
}

// writes are the universal and common-practice commands that change a device: HCF_SPEC-127, -151.
var writes = map[uint8]bool{6: true, 17: true, 18: true, 19: true, 22: true, 34: true, 35: true, 36: true, 37: true, 38: true,
	40: true, 41: true, 42: true, 43: true, 44: true, 45: true, 46: true, 47: true, 49: true, 51: true, 53: true, 79: true}
