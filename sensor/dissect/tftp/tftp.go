package tftp

import (
	"bytes"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

// The opcodes (RFC 1350, section 5).
const (
	opRead  = 1
	opWrite = 2
	opData  = 3
	opAck   = 4
	opError = 5
	opOAck  = 6 // RFC 2347
)

const fullBlock = 516 // bytes: header and 512 of data

type protocol struct{}

// New returns the protocol.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "tftp", Transport: dissect.UDP, Ports: []uint16{69}}
}

// Probe wants a request with a mode, a full first block, a shorter one or agreed options with their
// acknowledgement, or an error. A server answers from a port of its own, so it opens that conversation.
func (protocol) Probe(_ *dissect.Flow, dir dissect.Direction, data []byte) dissect.Verdict {
	if len(data) < 4 || data[0] != 0 {
		return dissect.NotMine
	}
	switch data[1] {
	case opRead, opWrite:
		if mode(data[2:]) {
			return dissect.Mine
		}
	case opData:
		if len(data) == fullBlock && data[2] == 0 && data[3] == 1 {
			return dissect.Mine
		}
		if len(data) < fullBlock && data[2] == 0 && data[3] == 1 && dir == dissect.FromInitiator {
			return dissect.More
		}
	case opOAck:
		if data[len(data)-1] == 0 && dir == dissect.FromInitiator && wire.Printable(wire.Until(data[2:], 0)) {
			return dissect.More
		}
	case opAck:
		if len(data) == 4 && data[2] == 0 && data[3] <= 1 && dir == dissect.FromResponder {
			return dissect.Mine // the initiator's first was a block or options
		}
	case opError:
		text := wire.Until(data[4:], 0)
		if data[2] == 0 && data[3] <= 8 && len(text) > 3 && len(data) == 4+len(text)+1 && wire.Printable(text) {
			return dissect.Mine
		}
	}
	return dissect.NotMine
}

// mode looks for one of the three modes behind the file's name; some clients send an empty name,
// or NULs in the place of one.
func mode(data []byte) bool {
	for _, m := range []string{"octet", "netascii", "mail"} {
		if i := bytes.Index(bytes.ToLower(data[:min(len(data), 512)]), []byte("\x00"+m+"\x00")); i >= 0 {
			return true
		}
	}
	return false
}

func (protocol) New() dissect.Dissector { return reader{} }

type reader struct{}

func (reader) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	if len(data) < 2 {
		return len(data), dissect.More
	}
	switch data[1] {
	case opRead:
		e.Operate(model.VerbRead, "file", model.ResultUnset, 1)
	case opWrite:
		e.Operate(model.VerbWrite, "file", model.ResultUnset, 1)
	case opData, opError:
		if dir == dissect.FromInitiator {
			e.Swap() // the server opens the transfer towards the client's port
		}
	case opAck:
		if dir == dissect.FromResponder {
			e.Swap()
		}
	}
	dissect.Cleartext(e, "tftp", "tftp.opcode")
	return len(data), dissect.Done
}
