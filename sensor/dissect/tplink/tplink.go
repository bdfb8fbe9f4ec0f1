package tplink

import (
	"encoding/json"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
)

const protoTCP = 6

type protocol struct{}

// New returns the TP-Link smart home dissector.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "tplink-smarthome", Transport: dissect.TCP | dissect.UDP, Ports: []uint16{9999}, MaxBuffer: 2 * maxMessage, ProbeBytes: maxMessage}
}

// Probe takes a message that is JSON once decoded, to its last byte.
func (protocol) Probe(f *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	if f.Protocol == protoTCP {
		body, size := Next(data)
		if size < 0 {
			return dissect.NotMine
		}
		if size == 0 {
			return dissect.More
		}
		data = body
	}
	if !Looks(data) || !json.Valid(Plain(data)) {
		return dissect.NotMine
	}
	return dissect.Mine
}

func (protocol) New() dissect.Dissector { return &dissector{} }

type dissector struct{ reported bool }

func (d *dissector) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	body, size := data, len(data)
	if e.Flow().Protocol == protoTCP {
		if body, size = Next(data); size < 0 {
			return 0, dissect.NotMine
		} else if size == 0 {
			return 0, dissect.More
		}
	}
	x, ok := Parse(Plain(body))
	if !ok {
		return size, dissect.More
	}
	who := e.Flow().Sender(dir)
	say := func(kind model.Kind, v, source string) {
		e.Observe(dissect.Claim{Subject: dissect.About(who), Kind: kind, Value: v, Source: source})
	}
	say(model.KindVendor, "TP-Link", "tplink-smarthome.sysinfo")
	say(model.KindModel, x.Model, "tplink-smarthome.model")
	say(model.KindHardwareRevision, x.Hardware, "tplink-smarthome.hw_ver")
	say(model.KindFirmware, x.Software, "tplink-smarthome.sw_ver")
	say(model.KindIdentifier, x.MAC+x.MicMAC, "tplink-smarthome.mac")
	say(model.KindIdentifier, x.ID, "tplink-smarthome.device_id")
	if !d.reported {
		d.reported = true
		e.Report(dissect.Weakness{Type: model.FindingNoAuthentication, Rule: "tplink-smarthome.no_authentication", Version: 1, Subject: who,
			Peer: e.Flow().Receiver(dir), Detail: "commands are answered without authentication", Evidence: "tplink-smarthome.sysinfo"})
	}
	return size, dissect.More
}
