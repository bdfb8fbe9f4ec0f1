package tuya

import (
	"bytes"
	"crypto/aes"
	"crypto/md5"
	"encoding/binary"
	"encoding/json"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
)

const (
	prefix  = 0x000055aa
	suffix  = 0x0000aa55
	header  = 16
	trailer = 8 // check sum and suffix
	maxSize = 4 << 10
	lastCmd = 0x40
)

// broadcastKey is what all devices hide their broadcasts with; it is published.
var broadcastKey = md5.Sum([]byte("yGAdlopoPVldABfn"))

type protocol struct{}

// New returns the protocol.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "tuya", Transport: dissect.TCP | dissect.UDP, Ports: []uint16{6666, 6667, 6668}}
}

// Probe wants a whole frame: both marks where its length says.
func (protocol) Probe(f *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	mark := [4]byte{0, 0, 0x55, 0xaa}
	if n := min(len(data), 4); !bytes.Equal(data[:n], mark[:n]) {
		return dissect.NotMine
	}
	n := frame(data)
	switch {
	case n > 0:
		return dissect.Mine
	case n < 0 || f.Protocol != 6:
		return dissect.NotMine
	}
	return dissect.More
}

// frame is the size of the frame that data begins with: 0 when bytes are missing, -1 when it is none.
func frame(data []byte) int {
	if len(data) < header {
		return 0
	}
	n := binary.BigEndian.Uint32(data[12:])
	if binary.BigEndian.Uint32(data) != prefix || binary.BigEndian.Uint32(data[8:]) > lastCmd || n < trailer || n > maxSize {
		return -1
	}
	size := header + int(n)
	if len(data) < size {
		return 0
	}
	if binary.BigEndian.Uint32(data[size-4:]) != suffix {
		return -1
	}
	return size
}

func (protocol) New() dissect.Dissector { return &session{} }

type session struct{ told bool }

func (s *session) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	n := frame(data)
	if n <= 0 {
		if n < 0 {
			return len(data), dissect.Done
		}
		return 0, dissect.More
	}
	if e.Flow().Protocol == 6 {
		if !s.told {
			s.told = true
			e.Encrypted()
			e.Observe(dissect.Claim{Subject: dissect.About(e.Flow().Responder), Kind: model.KindVendor, Value: "Tuya", Source: "tuya.frame"})
		}
		return n, dissect.Done
	}
	broadcast(e, dir, data[header:n-trailer])
	return n, dissect.More
}

// broadcast reads what a device says of itself, behind a return code.
func broadcast(e dissect.Emitter, dir dissect.Direction, body []byte) {
	if len(body) < 4 {
		return
	}
	body = body[4:]
	open := bytes.HasPrefix(body, []byte("{"))
	if !open {
		block, err := aes.NewCipher(broadcastKey[:])
		if err != nil || len(body)%aes.BlockSize != 0 {
			return
		}
		plain := make([]byte, len(body))
		for i := 0; i < len(body); i += aes.BlockSize {
			block.Decrypt(plain[i:], body[i:i+aes.BlockSize])
		}
		end := bytes.LastIndexByte(plain, '}')
		body = plain[:end+1]
	}
	var m struct {
		ID      string `json:"gwId"`
		Product string `json:"productKey"`
		Version string `json:"version"`
	}
	if json.Unmarshal(body, &m) != nil || m.ID == "" {
		return
	}
	f := e.Flow()
	device := dissect.About(f.Sender(dir))
	e.Observe(dissect.Claim{Subject: device, Kind: model.KindVendor, Value: "Tuya", Source: "tuya.frame"})
	e.Observe(dissect.Claim{Subject: device, Kind: model.KindIdentifier, Value: m.ID, Source: "tuya.gw_id"})
	e.Observe(dissect.Claim{Subject: device, Kind: model.KindIdentifier, Value: "product " + m.Product, Source: "tuya.product_key"})
	e.Version("Tuya " + m.Version)
	if open {
		e.Report(dissect.Weakness{Type: model.FindingCleartextProtocol, Rule: "tuya.cleartext", Version: 1, Subject: f.Sender(dir), Peer: f.Receiver(dir), Evidence: "tuya.broadcast"})
	}
}
