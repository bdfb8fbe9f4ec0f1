package ads

import (
	"fmt"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
)

type protocol struct{}

// New returns the ADS dissector.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "ads", Transport: dissect.TCP, Ports: []uint16{48898}, MaxBuffer: 1024}
}

func (protocol) Probe(_ *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	switch _, v := Parse(data); {
	case v < 0:
		return dissect.NotMine
	case v == 0:
		return dissect.More
	}
	return dissect.Mine
}

func (protocol) New() dissect.Dissector { return &dissector{} }

type dissector struct{ reported bool }

// commands by id: "ADS commands".
var commands = [...]struct {
	verb   model.Verb
	object string
}{{}, {model.VerbRead, "device-info"}, {model.VerbRead, "variable"}, {model.VerbWrite, "variable"}, {model.VerbRead, "state"},
	{model.VerbExecute, "state"}, {model.VerbConfigure, "notification"}, {model.VerbConfigure, "notification"}, {model.VerbNotify, "notification"},
	{model.VerbWrite, "variable"}}

const (
	deviceInfo = 1
	infoSize   = 24
)

func (d *dissector) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	h, v := Parse(data)
	if v < 0 {
		return 0, dissect.NotMine
	}
	if v == 0 || h.Command == deviceInfo && h.Length == infoSize && len(data) < header+h.Length {
		return 0, dissect.More
	}
	from, to := e.Flow().Sender(dir), e.Flow().Receiver(dir)
	say(e, from, model.KindIdentifier, "AMS "+h.Source.String(), "ads.net_id")
	say(e, to, model.KindIdentifier, "AMS "+h.Target.String(), "ads.net_id")
	if h.Response {
		result := model.ResultOK
		if h.Error != 0 {
			result = model.ResultFailed
		}
		e.Operate(commands[h.Command].verb, commands[h.Command].object, result, 1)
		if h.Command == deviceInfo && h.Length == infoSize {
			if x, ok := ParseInfo(data[header : header+h.Length]); ok {
				say(e, from, model.KindModel, x.Name, "ads.device_name")
				say(e, from, model.KindFirmware, fmt.Sprintf("%d.%d.%d", x.Major, x.Minor, x.Build), "ads.device_version")
			}
		}
		if !d.reported && h.Error == 0 {
			d.reported = true
			e.Report(dissect.Weakness{Type: model.FindingNoAuthentication, Rule: "ads.no_authentication", Version: 1, Subject: from,
				Peer: to, Detail: "commands are answered without authentication", Evidence: "ads.response"})
		}
	}
	return header + h.Length, dissect.More
}

// Gap goes on with the next packet.
func (d *dissector) Gap(dissect.Emitter, dissect.Direction, int) dissect.Verdict { return dissect.More }

func say(e dissect.Emitter, who model.Endpoint, kind model.Kind, v, source string) {
	e.Observe(dissect.Claim{Subject: dissect.About(who), Kind: kind, Value: v, Source: source})
}
