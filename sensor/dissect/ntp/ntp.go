package ntp

import (
	"fmt"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
)

const (
	port   = 123
	header = 48 // bytes (RFC 5905, section 7.3)
)

type protocol struct{}

// New returns the protocol.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "ntp", Transport: dissect.UDP, Ports: []uint16{port}}
}

// Probe checks the fixed fields. They are too few to be sure of without the port at one end.
func (protocol) Probe(f *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	if f.Initiator.Port != port && f.Responder.Port != port || len(data) < 12 {
		return dissect.NotMine
	}
	version, mode := data[0]>>3&7, data[0]&7
	switch {
	case version < 1 || version > 4 || mode == 0:
		return dissect.NotMine
	case mode >= 6: // control and private messages (RFC 9327)
		return dissect.Mine
	case len(data) < header || len(data)%4 != 0 || data[1] > 16:
		return dissect.NotMine
	}
	return dissect.Mine
}

func (protocol) New() dissect.Dissector { return reader{} }

var (
	versions = [8]string{"NTP 0", "NTP 1", "NTP 2", "NTP 3", "NTP 4", "NTP 5", "NTP 6", "NTP 7"}
	strata   = func() (all [16]string) {
		for i := range all {
			all[i] = fmt.Sprintf("time server, stratum %d", i)
		}
		return all
	}()
)

type reader struct{}

func (reader) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	if len(data) < header {
		return len(data), dissect.More
	}
	version, mode, stratum := data[0]>>3&7, data[0]&7, data[1]
	e.Version(versions[version])
	if mode != 4 && mode != 5 { // server and broadcast
		return len(data), dissect.More
	}
	if stratum >= 1 && stratum < 16 {
		e.Observe(dissect.Claim{Subject: dissect.About(e.Flow().Sender(dir)), Kind: model.KindRole, Value: strata[stratum], Source: "ntp.stratum"})
	}
	return len(data), dissect.Done
}
