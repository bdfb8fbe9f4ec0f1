package dropbox

import (
	"bytes"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
)

const port = 17500

type protocol struct{}

// New returns the protocol.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "dropbox", Transport: dissect.UDP, Ports: []uint16{port}}
}

// Probe wants the JSON object with the two keys that all versions send.
func (protocol) Probe(_ *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	if data[0] != '{' || len(data) > 2048 || !bytes.Contains(data, []byte(`"host_int"`)) || !bytes.Contains(data, []byte(`"namespaces"`)) {
		return dissect.NotMine
	}
	return dissect.Mine
}

func (protocol) New() dissect.Dissector { return reader{} }

type reader struct{}

func (reader) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	e.Observe(dissect.Claim{Subject: dissect.About(e.Flow().Sender(dir)), Kind: model.KindSoftware, Value: "Dropbox client", Source: "dropbox.announcement"})
	return len(data), dissect.Done
}
