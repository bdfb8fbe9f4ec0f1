package lpd

import (
	"bytes"
	"strconv"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

// The commands (RFC 1179, section 5) and subcommands (section 6).
const (
	cmdPrint    = 1
	cmdReceive  = 2
	cmdShort    = 3
	cmdLong     = 4
	cmdRemove   = 5
	subControl  = 2
	subData     = 3
	port        = 515
	maxLine     = 256 // bytes
	maxCommands = 20
)

type protocol struct{}

// New returns the protocol.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "lpd", Transport: dissect.TCP, Ports: []uint16{port}, ProbeBytes: maxLine}
}

// Probe wants a command line and, away from the usual port, the subcommand that follows it.
func (protocol) Probe(f *dissect.Flow, dir dissect.Direction, data []byte) dissect.Verdict {
	if dir == dissect.FromResponder {
		return dissect.More
	}
	if data[0] < cmdPrint || data[0] > cmdRemove || len(data) > 1 && !wire.Printable(data[1:2]) {
		return dissect.NotMine
	}
	c := wire.At(data)
	line, ok := c.Line()
	if !ok {
		if len(data) > maxLine {
			return dissect.NotMine
		}
		return dissect.More
	}
	if !wire.Printable(line[1:]) {
		return dissect.NotMine
	}
	if f.Responder.Port == port && (c.Len() == 0 || data[0] == cmdReceive) {
		return dissect.Mine
	}
	if data[0] != cmdReceive {
		return dissect.NotMine
	}
	if line, ok = c.Line(); !ok {
		return dissect.More
	}
	if _, _, ok := file(line); ok {
		return dissect.Mine
	}
	return dissect.NotMine
}

// file reads a subcommand: length, space, then "cfA001host" or "dfA001host".
func file(line []byte) (size int, host []byte, ok bool) {
	if len(line) < 2 || line[0] != subControl && line[0] != subData {
		return 0, nil, false
	}
	number, name, found := bytes.Cut(line[1:], []byte(" "))
	size, err := strconv.Atoi(string(number))
	if !found || err != nil || size < 0 || size > 1<<31-1 || len(name) < 6 || name[0] != "\x00\x00cd"[line[0]] || name[1] != 'f' {
		return 0, nil, false
	}
	return size, name[6:], true
}

func (protocol) New() dissect.Dissector { return &session{} }

type session struct {
	commands int
	within   bool // a job's files follow
}

func (s *session) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	if dir == dissect.FromResponder {
		return len(data), dissect.More
	}
	c := wire.At(data)
	line, ok := c.Line()
	if !ok {
		if len(data) > maxLine {
			return 0, dissect.NotMine
		}
		return 0, dissect.More
	}
	used := len(data) - c.Len()
	if s.commands++; s.commands > maxCommands || len(line) == 0 {
		return used, dissect.Done
	}
	if s.within {
		size, host, ok := file(line)
		switch {
		case !ok && line[0] == cmdPrint: // the job is withdrawn
			return used, dissect.More
		case !ok:
			return used, dissect.Done
		case size == 0: // until the connection ends
			return used, dissect.Done
		}
		if wire.Word(host, ".-") {
			e.Observe(dissect.Claim{Subject: dissect.About(e.Flow().Initiator), Kind: model.KindHostname, Value: string(host), Source: "lpd.file_name"})
		}
		return used + size + 1, dissect.More // and a NUL
	}
	dissect.Cleartext(e, "lpd", "lpd.command")
	switch line[0] {
	case cmdReceive:
		s.within = true
		e.Operate(model.VerbStore, "print job", model.ResultUnset, 1)
	case cmdShort, cmdLong:
		e.Operate(model.VerbQuery, "print queue", model.ResultUnset, 1)
	case cmdRemove:
		e.Operate(model.VerbDelete, "print job", model.ResultUnset, 1)
	}
	return used, dissect.More
}
