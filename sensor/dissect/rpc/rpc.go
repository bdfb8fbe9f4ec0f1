package rpc

import (
	"fmt"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

const (
	authUnix    = 1 // RFC 5531, appendix A
	maxMessages = 8
	lastRecord  = 1 << 31 // RFC 5531, section 11
)

type protocol struct{}

// New returns the protocol.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "rpc", Transport: dissect.TCP | dissect.UDP, Ports: []uint16{111, 2049}}
}

// Probe wants the head of a call; a reply says too little.
func (protocol) Probe(f *dissect.Flow, dir dissect.Direction, data []byte) dissect.Verdict {
	if f.Protocol == 6 {
		if dir == dissect.FromResponder {
			return dissect.More
		}
		if data[0]&0x80 == 0 || len(data) > 1 && data[1] != 0 {
			return dissect.NotMine
		}
		if len(data) < 4+32 {
			return dissect.More
		}
		data = data[4:]
	}
	if _, ok := parse(data); ok {
		return dissect.Mine
	}
	return dissect.NotMine
}

// call is the head of a call (RFC 5531, section 9).
type call struct {
	program, version, procedure uint32
	machine                     []byte
}

func parse(data []byte) (call, bool) {
	c := wire.At(data)
	c.Skip(4)
	kind, rpcVersion := c.U32(), c.U32()
	out := call{program: c.U32(), version: c.U32(), procedure: c.U32()}
	if !c.OK() || kind != 0 || rpcVersion != 2 || out.version > 100 || out.procedure > 500 || programName(out.program) == "" {
		return out, false
	}
	flavour, n := c.U32(), int(c.U32())
	if !c.OK() || n > 400 || flavour > 7 {
		return out, false
	}
	if flavour == authUnix {
		c.Skip(4)
		out.machine = c.Bytes(int(c.U32()))
	}
	return out, true
}

// programName names the registered programs that hospitals have (IANA, rpc-program-numbers).
func programName(n uint32) string {
	switch n {
	case 100000:
		return "portmap"
	case 100003:
		return "nfs"
	case 100005:
		return "mount"
	case 100021:
		return "nlockmgr"
	case 100024:
		return "status"
	case 100227:
		return "nfs_acl"
	case 100004, 100007, 100009:
		return "nis"
	case 395183, 395184, 395185:
		return "vxi-11"
	}
	return ""
}

func (protocol) New() dissect.Dissector { return &session{} }

type session struct{ messages int }

func (s *session) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	size := len(data)
	if e.Flow().Protocol == 6 {
		if len(data) < 4 {
			return 0, dissect.More
		}
		c := wire.At(data)
		n := int(c.U32() &^ lastRecord)
		size = 4 + n
		if len(data) < min(size, 600) {
			return 0, dissect.More
		}
		data = data[4:min(size, len(data))]
	}
	if x, ok := parse(data); ok {
		s.tell(e, dir, x)
	}
	if s.messages++; s.messages > maxMessages {
		return size, dissect.Done
	}
	return size, dissect.More
}

func (s *session) tell(e dissect.Emitter, dir dissect.Direction, x call) {
	f := e.Flow()
	name := programName(x.program)
	if name == "nfs" || name == "nfs_acl" {
		e.Service("nfs")
	}
	e.Observe(dissect.Claim{Subject: dissect.About(f.Sender(dir)), Kind: model.KindHostname, Value: string(x.machine), Source: "rpc.machine_name"})
	if x.version == 0 { // a question which versions there are: none is called 0
		e.Operate(model.VerbExecute, name, model.ResultUnset, 1)
		return
	}
	e.Observe(dissect.Claim{Subject: dissect.About(f.Receiver(dir)), Kind: model.KindServiceOffered, Value: fmt.Sprintf("%s %d", name, x.version), Source: "rpc.program"})
	e.Operate(model.VerbExecute, name, model.ResultUnset, 1)
}
