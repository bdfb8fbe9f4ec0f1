package xiaomi

import (
	"bytes"
	"encoding/binary"
	"strconv"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

const (
	header   = 32 // bytes of a miIO packet without contents
	unknown  = 0xffffffff
	maxHello = 1 << 10 // bytes of a push client's opening
)

type protocol struct{}

// New returns miIO.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "xiaomi", Transport: dissect.UDP, Ports: []uint16{54321}}
}

// Probe wants the magic number and the datagram's length.
func (protocol) Probe(_ *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	if len(data) < header || data[0] != 0x21 || data[1] != 0x31 || int(binary.BigEndian.Uint16(data[2:])) != len(data) {
		return dissect.NotMine
	}
	return dissect.Mine
}

func (protocol) New() dissect.Dissector { return reader{} }

type reader struct{}

func (reader) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	if len(data) < header {
		return len(data), dissect.More
	}
	if id := binary.BigEndian.Uint32(data[8:]); dir == dissect.FromResponder && id != unknown && id != 0 {
		device := dissect.About(e.Flow().Responder)
		e.Observe(dissect.Claim{Subject: device, Kind: model.KindVendor, Value: "Xiaomi", Source: "xiaomi.magic"})
		e.Observe(dissect.Claim{Subject: device, Kind: model.KindIdentifier, Value: strconv.FormatUint(uint64(id), 10), Source: "xiaomi.device_id"})
		return len(data), dissect.Done
	}
	return len(data), dissect.More
}

type push struct{}

// NewPush returns the push connection.
func NewPush() dissect.Protocol { return push{} }

func (push) Info() dissect.Info {
	return dissect.Info{Name: "xiaomi-push", Transport: dissect.TCP, Ports: []uint16{5222}}
}

var pushMagic = []byte{0xc2, 0xfe, 0, 5}

// Probe wants the magic number, and the maker's name in the message.
func (push) Probe(_ *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	if n := min(len(data), len(pushMagic)); !bytes.Equal(data[:n], pushMagic[:n]) {
		return dissect.NotMine
	}
	if len(data) < 64 {
		return dissect.More
	}
	if bytes.Contains(data[:64], []byte("xiaomi.com")) {
		return dissect.Mine
	}
	return dissect.NotMine
}

func (push) New() dissect.Dissector { return caller{} }

type caller struct{}

// Feed reads the client's opening: behind header and address a message whose fields 2 and 3 are the
// phone's model and its system's build.
func (caller) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	e.Encrypted()
	if len(data) < 12 {
		return 0, dissect.More
	}
	n := int(binary.BigEndian.Uint32(data[4:]))
	if n < 8 || n > maxHello || dir == dissect.FromResponder {
		return len(data), dissect.More
	}
	if len(data) < 8+n {
		return 0, dissect.More
	}
	c := wire.At(data[8 : 8+n])
	c.Skip(2)
	size := int(c.U16())
	c.Skip(4)
	outer := c.Sub(size) // the address that is called
	if !outer.OK() || !c.OK() {
		return len(data), dissect.Done
	}
	phone := dissect.About(e.Flow().Initiator)
	for c.Len() > 0 {
		key := c.U8()
		switch {
		case key&7 == 0:
			for c.U8() >= 0x80 && c.OK() {
			}
			continue
		case key&7 != 2:
			return len(data), dissect.Done
		}
		value := c.Bytes(int(c.U8()))
		if !c.OK() || key>>3 > 3 {
			return len(data), dissect.Done
		}
		kind := [...]model.Kind{0, 0, model.KindModel, model.KindOS}[key>>3]
		if wire.Printable(value) && kind != 0 {
			e.Observe(dissect.Claim{Subject: phone, Kind: kind, Value: string(value), Source: "xiaomi-push.client"})
		}
	}
	return len(data), dissect.Done
}
