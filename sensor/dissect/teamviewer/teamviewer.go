package teamviewer

import (
	"encoding/binary"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
)

const (
	short    = 5  // bytes before a message that begins with 17 24
	long     = 24 // bytes before a message that begins with 11 30
	maxShort = 4 << 10
)

type protocol struct{}

// New returns the protocol.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "teamviewer", Transport: dissect.TCP, Ports: []uint16{5938}, ProbeBytes: maxShort}
}

// Probe wants a message that ends where the bytes end or where another begins.
func (protocol) Probe(_ *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	marks := [2][2]byte{{0x17, 0x24}, {0x11, 0x30}}
	for _, m := range marks {
		if data[0] != m[0] {
			continue
		}
		if len(data) > 1 && data[1] != m[1] {
			return dissect.NotMine
		}
		if len(data) < short || m[0] == 0x11 && len(data) < 8 {
			return dissect.More
		}
		size := short + int(binary.LittleEndian.Uint16(data[3:]))
		if m[0] == 0x11 {
			size = long + int(binary.LittleEndian.Uint16(data[4:]))
			if data[6] != 0 || data[7] != 0 || data[3] != 0 {
				return dissect.NotMine
			}
		}
		switch {
		case data[2] == 0 || size > maxShort || size == short:
			return dissect.NotMine
		case len(data) == size, len(data) > size+1 && data[size] == m[0] && data[size+1] == m[1]:
			return dissect.Mine
		case len(data) > size+1:
			return dissect.NotMine
		}
		return dissect.More
	}
	return dissect.NotMine
}

func (protocol) New() dissect.Dissector { return reader{} }

type reader struct{}

func (reader) Feed(e dissect.Emitter, _ dissect.Direction, data []byte) (int, dissect.Verdict) {
	f := e.Flow()
	e.Observe(dissect.Claim{Subject: dissect.About(f.Initiator), Kind: model.KindRole, Value: "remote access client", Source: "teamviewer.magic"})
	e.Observe(dissect.Claim{Subject: dissect.About(f.Initiator), Kind: model.KindSoftware, Value: "TeamViewer", Source: "teamviewer.magic"})
	return len(data), dissect.Done
}
