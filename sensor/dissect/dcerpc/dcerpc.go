package dcerpc

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

// The packet types that are read (C706, chapter 12.6.4).
const (
	typeBind      = 11
	typeBindAck   = 12
	typeAlter     = 14
	typeAuth3     = 16
	lastType      = 19
	header        = 16
	headerPackets = 80 // of version 4 (C706, chapter 12.5.2)
	maxPackets    = 24
)

type protocol struct{}

// New returns the protocol.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "dcerpc", Transport: dissect.TCP | dissect.UDP, Ports: []uint16{135, 34964}}
}

func (protocol) Probe(f *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	if f.Protocol != 6 {
		if _, ok := parsePacket(data); ok && !bytes.Equal(data[34:40], profinetNode) {
			return dissect.Mine
		}
		return dissect.NotMine
	}
	if data[0] != 5 || len(data) > 1 && data[1] > 1 || len(data) > 2 && data[2] > lastType {
		return dissect.NotMine
	}
	if len(data) < header {
		return dissect.More
	}
	if n, ok := fragment(data); ok && n >= header {
		return dissect.Mine
	}
	return dissect.NotMine
}

// profinetNode ends the interface ids of PROFINET, which package pniocm reads.
var profinetNode = []byte{0x00, 0xa0, 0x24, 0x42, 0xdf, 0x7d}

// fragment reads the length of a fragment; its byte order is in the data representation
// (C706, chapter 14.1).
func fragment(data []byte) (n int, ok bool) {
	switch {
	case data[4] == 0x10 && data[5] == 0 && data[6] == 0 && data[7] == 0:
		return int(binary.LittleEndian.Uint16(data[8:])), true
	case data[4] == 0 && data[5] == 0 && data[6] == 0 && data[7] == 0:
		return int(binary.BigEndian.Uint16(data[8:])), true
	}
	return 0, false
}

// parsePacket reads the header of version 4 and returns the interface.
func parsePacket(data []byte) (uuid string, ok bool) {
	if len(data) < headerPackets || data[0] != 4 || data[1] > 10 || data[4]&0xef != 0 || data[5] > 3 || data[6] != 0 {
		return "", false
	}
	length := int(binary.BigEndian.Uint16(data[74:]))
	if data[4] == 0x10 {
		length = int(binary.LittleEndian.Uint16(data[74:]))
	}
	if length != len(data)-headerPackets {
		return "", false
	}
	return uuidText(data[24:40], data[4] == 0x10), true
}

func uuidText(b []byte, little bool) string {
	if little {
		return fmt.Sprintf("%08x-%04x-%04x-%x-%x", binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint16(b[4:]), binary.LittleEndian.Uint16(b[6:]), b[8:10], b[10:16])
	}
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:16])
}

func (protocol) New() dissect.Dissector { return &session{} }

type session struct {
	packets int
	told    string // interface of the last datagram
}

func (s *session) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	if e.Flow().Protocol != 6 {
		return len(data), s.datagram(e, dir, data)
	}
	if len(data) < header {
		return 0, dissect.More
	}
	n, ok := fragment(data)
	if data[0] != 5 || !ok || n < header {
		return 0, dissect.NotMine
	}
	kind := data[2]
	wanted := kind == typeBind || kind == typeBindAck || kind == typeAlter || kind == typeAuth3
	if wanted && n <= 8<<10 {
		if len(data) < n {
			return 0, dissect.More
		}
		s.bind(e, dir, kind, data[:n])
	}
	if s.packets++; s.packets > maxPackets {
		return n, dissect.Done
	}
	return n, dissect.More
}

func (s *session) datagram(e dissect.Emitter, dir dissect.Direction, data []byte) dissect.Verdict {
	if uuid, ok := parsePacket(data); ok && uuid != s.told {
		s.told = uuid
		s.offer(e, dir, uuid)
	}
	if s.packets++; s.packets > maxPackets {
		return dissect.Done
	}
	return dissect.More
}

func (s *session) offer(e dissect.Emitter, dir dissect.Direction, uuid string) {
	if name := interfaces[uuid]; name != "" && dir == dissect.FromInitiator {
		e.Observe(dissect.Claim{Subject: dissect.About(e.Flow().Responder), Kind: model.KindServiceOffered, Value: name, Source: "dcerpc.interface"})
	}
}

// bind reads the presentation contexts of a bind (C706, chapter 12.6.4.3).
func (s *session) bind(e dissect.Emitter, dir dissect.Direction, kind byte, data []byte) {
	if i := bytes.Index(data, []byte("NTLMSSP\x00")); i >= 0 {
		e.Inner("ntlm", dir, data[i:])
	}
	if kind != typeBind && kind != typeAlter || data[4] != 0x10 {
		return
	}
	c := wire.At(data[header:])
	c.Skip(8)
	count := int(c.U8())
	c.Skip(3)
	for range min(count, 8) {
		c.Skip(2)
		transfers := int(c.U8())
		c.Skip(1)
		id := c.Bytes(16)
		c.Skip(4 + 20*transfers)
		if !c.OK() {
			return
		}
		s.offer(e, dir, uuidText(id, true))
	}
}

// interfaces names what Windows offers (appendices of the [MS-…] documents).
var interfaces = map[string]string{
	"e1af8308-5d1f-11c9-91a4-08002b14a0fa": "endpoint mapper",
	"99fcfec4-5260-101b-bbcb-00aa0021347a": "object exporter",
	"000001a0-0000-0000-c000-000000000046": "remote activation",
	"4b324fc8-1670-01d3-1278-5a47bf6ee188": "server service",
	"6bffd098-a112-3610-9833-46c3f87e345a": "workstation service",
	"12345778-1234-abcd-ef00-0123456789ac": "security accounts",
	"12345778-1234-abcd-ef00-0123456789ab": "local security",
	"12345678-1234-abcd-ef00-01234567cffb": "netlogon",
	"12345678-1234-abcd-ef00-0123456789ab": "print spooler",
	"367abb81-9844-35f1-ad32-98f038001003": "service control",
	"338cd001-2244-31f1-aaaa-900038001003": "remote registry",
	"86d35949-83c9-4044-b424-db363231fd0c": "task scheduler",
	"e3514235-4b06-11d1-ab04-00c04fc2dcd2": "directory replication",
}
