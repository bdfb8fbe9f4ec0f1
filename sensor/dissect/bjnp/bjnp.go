package bjnp

import (
	"strings"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
)

const header = 16 // bytes: magic, device, command, error, sequence, session, length

const (
	cmdIdentity = 0x30 // the answer holds the printer's IEEE 1284 identity
	isResponse  = 0x80 // in the device type
)

type protocol struct{}

// New returns the protocol.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "bjnp", Transport: dissect.UDP, Ports: []uint16{8611, 8612, 8613, 8614}}
}

func (protocol) Probe(_ *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	if len(data) < header || string(data[:3]) != "BJN" && string(data[:3]) != "MFN" || data[3] != 'P' && data[3] != 'B' {
		return dissect.NotMine
	}
	return dissect.Mine
}

func (protocol) New() dissect.Dissector { return reader{} }

type reader struct{}

func (reader) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	if len(data) <= header+2 || data[4]&isResponse == 0 || data[5] != cmdIdentity {
		return len(data), dissect.More
	}
	subject := dissect.About(e.Flow().Sender(dir))
	for field := range strings.SplitSeq(string(data[header+2:]), ";") {
		key, value, _ := strings.Cut(field, ":")
		switch key {
		case "MFG", "MANUFACTURER":
			e.Observe(dissect.Claim{Subject: subject, Kind: model.KindVendor, Value: value, Source: "bjnp.manufacturer"})
		case "MDL", "MODEL":
			e.Observe(dissect.Claim{Subject: subject, Kind: model.KindModel, Value: value, Source: "bjnp.model"})
		}
	}
	return len(data), dissect.Done
}
