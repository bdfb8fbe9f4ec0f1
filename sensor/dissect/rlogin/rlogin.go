package rlogin

import (
	"bytes"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

const (
	maxOpening = 512 // bytes
	execPort   = 512
)

type protocol struct{}

// New returns remote login.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "rlogin", Transport: dissect.TCP, Ports: []uint16{513}}
}

// Probe wants the whole opening (RFC 1282, section 2): an empty string, two names, terminal and speed.
func (protocol) Probe(_ *dissect.Flow, dir dissect.Direction, data []byte) dissect.Verdict {
	if dir == dissect.FromResponder {
		return dissect.More
	}
	if data[0] != 0 {
		return dissect.NotMine
	}
	part, whole := strings(data[1:], 3)
	for i, p := range part {
		if len(p) > 0 && !wire.Printable(p) || len(p) > 64 || i == 1 && len(p) == 0 && whole {
			return dissect.NotMine
		}
	}
	if !whole {
		return dissect.More
	}
	kind, speed, found := bytes.Cut(part[2], []byte("/"))
	if !found || len(kind) == 0 || len(speed) < 3 || len(speed) > 6 || !digits(speed) {
		return dissect.NotMine
	}
	return dissect.Mine
}

// strings cuts n strings that end in NUL; whole is false when the last has not ended.
func strings(data []byte, n int) (part [4][]byte, whole bool) {
	for i := range n {
		before, after, found := bytes.Cut(data, []byte{0})
		part[i] = before
		if !found {
			return part, false
		}
		data = after
	}
	return part, true
}

func digits(b []byte) bool {
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(b) > 0
}

func (protocol) New() dissect.Dissector { return reader{} }

type reader struct{}

func (reader) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	if dir == dissect.FromResponder {
		return len(data), dissect.More
	}
	f := e.Flow()
	dissect.Cleartext(e, "rlogin", "rlogin.opening")
	e.Report(dissect.Weakness{Type: model.FindingObsoleteProtocol, Rule: "rlogin.in_use", Version: 1, Subject: f.Responder, Peer: f.Initiator, Detail: "remote login", Evidence: "rlogin.opening"})
	e.Operate(model.VerbLogin, "shell", model.ResultUnset, 1)
	return len(data), dissect.Done
}

type execution struct{}

// NewExec returns remote execution.
func NewExec() dissect.Protocol { return execution{} }

func (execution) Info() dissect.Info {
	return dissect.Info{Name: "rexec", Transport: dissect.TCP, Ports: []uint16{execPort}}
}

// Probe wants the whole opening: port, user, password, command. The remote shell's has the same
// form; which of the two it is the port decides.
func (execution) Probe(f *dissect.Flow, dir dissect.Direction, data []byte) dissect.Verdict {
	if f.Responder.Port != execPort {
		return dissect.NotMine
	}
	if dir == dissect.FromResponder {
		return dissect.More
	}
	part, whole := strings(data, 4)
	for i, p := range part {
		if len(p) > 0 && !wire.Printable(p) || len(p) > 256 || i == 0 && (len(p) > 5 || len(p) > 0 && !digits(p)) {
			return dissect.NotMine
		}
	}
	if !whole {
		if len(data) > maxOpening {
			return dissect.NotMine
		}
		return dissect.More
	}
	if len(part[1]) == 0 || len(part[3]) == 0 {
		return dissect.NotMine
	}
	return dissect.Mine
}

func (execution) New() dissect.Dissector { return runner{} }

type runner struct{}

func (runner) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	if dir == dissect.FromResponder {
		return len(data), dissect.More
	}
	part, whole := strings(data, 4)
	if !whole {
		return 0, dissect.More
	}
	f := e.Flow()
	dissect.Cleartext(e, "rexec", "rexec.opening")
	e.Report(dissect.Weakness{Type: model.FindingObsoleteProtocol, Rule: "rexec.in_use", Version: 1, Subject: f.Responder, Peer: f.Initiator, Detail: "remote execution", Evidence: "rexec.opening"})
	e.Login(dissect.Credential{Service: "rexec", User: string(part[1]), Password: string(part[2]), Server: f.Responder, Client: f.Initiator, Evidence: "rexec.opening"})
	e.Operate(model.VerbExecute, "command", model.ResultUnset, 1)
	return len(data), dissect.Done
}
