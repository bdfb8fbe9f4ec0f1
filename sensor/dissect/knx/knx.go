package knx

import (
	"bytes"
	"encoding/hex"
	"fmt"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
)

const protoTCP = 6

type protocol struct{}

// New returns the KNXnet/IP dissector.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "knx", Transport: dissect.UDP | dissect.TCP, Ports: []uint16{3671}, MaxBuffer: 4096}
}

func (protocol) Probe(f *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	_, size := Next(data)
	switch {
	case size < 0:
		return dissect.NotMine
	case size == 0 && f.Protocol == protoTCP:
		return dissect.More
	case size == 0 || f.Protocol != protoTCP && size != len(data):
		return dissect.NotMine
	}
	return dissect.Mine
}

func (protocol) New() dissect.Dissector { return dissector{} }

type dissector struct{}

var media = map[uint8]string{0x02: "KNX twisted pair", 0x04: "KNX powerline", 0x10: "KNX radio", 0x20: "KNX IP"}

func (dissector) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	f, size := Next(data)
	if size < 0 {
		return 0, dissect.NotMine
	}
	if size == 0 {
		return 0, dissect.More
	}
	who := e.Flow().Sender(dir)
	say := func(kind model.Kind, v, source string) {
		e.Observe(dissect.Claim{Subject: dissect.About(who), Kind: kind, Value: v, Source: source})
	}
	switch f.Service {
	case SearchResponse, DescriptionResponse, SearchResponseExtended:
		d, ok := ParseDevice(&f)
		if !ok {
			break
		}
		say(model.KindRole, "KNX gateway", "knx.device_information")
		say(model.KindCapability, media[d.Medium], "knx.medium")
		say(model.KindIdentifier, fmt.Sprintf("KNX %d.%d.%d", d.Address>>12, d.Address>>8&15, d.Address&0xff), "knx.individual_address")
		if bytes.ContainsFunc(d.Serial, func(r rune) bool { return r != 0 }) { // software gateways have none
			say(model.KindSerial, hex.EncodeToString(d.Serial), "knx.serial_number")
		}
		say(model.KindIdentifier, d.MAC.String(), "knx.mac_address")
	case ConnectResponse:
		if len(f.Body) >= 2 && f.Body[1] == 0 {
			e.Operate(model.VerbAssociate, "knx", model.ResultOK, 1)
			e.Report(dissect.Weakness{Type: model.FindingNoAuthentication, Rule: "knx.no_authentication", Version: 1, Subject: who,
				Peer: e.Flow().Receiver(dir), Detail: "tunnel opened without KNX Secure", Evidence: "knx.connect_response"})
		}
	}
	switch f.Service >> 8 {
	case 0x03:
		e.Operate(model.VerbConfigure, "device", model.ResultUnset, 1)
	case 0x04:
		e.Operate(model.VerbWrite, "tunnel", model.ResultUnset, 1)
	case 0x05:
		e.Operate(model.VerbNotify, "routing", model.ResultUnset, 1)
	case 0x09:
		e.Encrypted()
	}
	return size, dissect.More
}
