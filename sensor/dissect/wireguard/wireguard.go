package wireguard

import "github.com/wardscope/wardscope/sensor/dissect"

// The sizes of the handshake messages in bytes (section 5.4.2 and 5.4.3).
const (
	initiation = 148
	response   = 92
)

type protocol struct{}

// New returns the protocol.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "wireguard", Transport: dissect.UDP, Ports: []uint16{51820}}
}

func (protocol) Probe(_ *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	if len(data) < 4 || data[1] != 0 || data[2] != 0 || data[3] != 0 {
		return dissect.NotMine
	}
	if data[0] == 1 && len(data) == initiation || data[0] == 2 && len(data) == response {
		return dissect.Mine
	}
	return dissect.NotMine
}

func (protocol) New() dissect.Dissector { return reader{} }

type reader struct{}

func (reader) Feed(e dissect.Emitter, _ dissect.Direction, data []byte) (int, dissect.Verdict) {
	e.Encrypted()
	return len(data), dissect.Done
}
