package tns

import (
	"bytes"
	"fmt"
	"strconv"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

// The packet types.
const (
	typeConnect = 1
	typeAccept  = 2
	typeRefuse  = 4
	typeData    = 6
	header      = 8
	maxPackets  = 12
	maxPacket   = 8 << 10 // bytes of a packet that is waited for
)

type protocol struct{}

// New returns the protocol.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "tns", Transport: dissect.TCP, Ports: []uint16{1521, 1522, 1526, 2483}}
}

// Probe wants a connect packet whose version, offset and length fit each other.
func (protocol) Probe(_ *dissect.Flow, dir dissect.Direction, data []byte) dissect.Verdict {
	if dir == dissect.FromResponder {
		return dissect.More
	}
	if len(data) > 4 && (data[2] != 0 || data[3] != 0 || data[4] != typeConnect) {
		return dissect.NotMine
	}
	if len(data) < 28 {
		return dissect.More
	}
	c := wire.At(data)
	n := int(c.U16())
	c.Skip(6)
	version, compatible := c.U16(), c.U16()
	c.Skip(12)
	length, offset := int(c.U16()), int(c.U16())
	if version < 300 || version > 330 || compatible < 300 || compatible > version || offset < 34 || offset > 128 {
		return dissect.NotMine
	}
	if n == offset || n == offset+length { // long connect data comes in a packet of its own
		return dissect.Mine
	}
	return dissect.NotMine
}

func (protocol) New() dissect.Dissector { return &session{} }

type session struct {
	packets  int
	accepted bool
}

func (s *session) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	if len(data) < header {
		return 0, dissect.More
	}
	n := int(data[0])<<8 | int(data[1])
	if n == 0 { // from version 315 on the length of data packets has four bytes
		n = int(data[2])<<8 | int(data[3])
	}
	if n < header {
		return 0, dissect.NotMine
	}
	if n > maxPacket {
		return n, dissect.Done
	}
	if len(data) < n {
		return 0, dissect.More
	}
	if s.packets++; s.packets > maxPackets {
		return n, dissect.Done
	}
	packet := data[:n]
	switch packet[4] {
	case typeConnect:
		if n > 28 {
			client(e, packet[28:])
		}
	case typeAccept:
		s.accepted = true
		if n >= 10 {
			e.Version(fmt.Sprintf("TNS %d", int(packet[8])<<8|int(packet[9])))
		}
		e.Operate(model.VerbLogin, "listener", model.ResultOK, 1)
		version(e, packet[header:])
	case typeRefuse:
		e.Operate(model.VerbLogin, "listener", model.ResultRefused, 1)
		version(e, packet[header:])
		return n, dissect.Done
	case typeData:
		return n, s.data(e, dir, packet)
	}
	return n, dissect.More
}

// data reads the first data packets: long connect data, or whether encryption is negotiated.
func (s *session) data(e dissect.Emitter, dir dissect.Direction, packet []byte) dissect.Verdict {
	if !s.accepted {
		client(e, packet[header:])
		return dissect.More
	}
	// Native network encryption opens with this number (Oracle Advanced Networking Option).
	if len(packet) >= 14 && bytes.Equal(packet[10:14], []byte{0xde, 0xad, 0xbe, 0xef}) {
		return dissect.Done
	}
	if dir == dissect.FromInitiator {
		dissect.Cleartext(e, "tns", "tns.data")
		return dissect.Done
	}
	return dissect.More
}

// client reads the CID part of connect data: (CID=(PROGRAM=…)(HOST=…)(USER=…)).
func client(e dissect.Emitter, data []byte) {
	_, cid, found := bytes.Cut(data, []byte("(CID="))
	if !found {
		return
	}
	subject := dissect.About(e.Flow().Initiator)
	if host := value(cid, "(HOST="); name(host) && string(host) != "__jdbc__" {
		e.Observe(dissect.Claim{Subject: subject, Kind: model.KindHostname, Value: string(host), Source: "tns.cid_host"})
	}
	program := value(cid, "(PROGRAM=")
	program = program[bytes.LastIndexAny(program, `/\`)+1:]
	if name(program) {
		e.Observe(dissect.Claim{Subject: subject, Kind: model.KindSoftware, Value: string(program), Source: "tns.cid_program"})
	}
}

func value(data []byte, key string) []byte {
	_, rest, _ := bytes.Cut(data, []byte(key))
	i := bytes.IndexByte(rest, ')')
	return rest[:max(i, 0)]
}

// name lets through what a file or a computer is called.
func name(b []byte) bool {
	return len(b) <= 64 && wire.Word(b, ".-_")
}

// version reads VSNNUM of an answer: a number that holds five.
func version(e dissect.Emitter, data []byte) {
	v, err := strconv.ParseUint(string(value(data, "(VSNNUM=")), 10, 32)
	if err != nil || v == 0 {
		return
	}
	text := fmt.Sprintf("Oracle listener %d.%d.%d.%d.%d", v>>24, v>>20&15, v>>12&255, v>>8&15, v&255)
	if v>>24 >= 18 { // the releases since 18 divide it anew
		text = fmt.Sprintf("Oracle listener %d.%d.%d.%d.%d", v>>24, v>>16&255, v>>12&15, v>>4&255, v&15)
	}
	e.Observe(dissect.Claim{Subject: dissect.About(e.Flow().Responder), Kind: model.KindSoftware, Value: text, Source: "tns.vsnnum"})
}
