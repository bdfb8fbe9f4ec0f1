package llmnr

import (
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/dnsmsg"
)

const port = 5355

type protocol struct{}

// New returns the LLMNR dissector.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "llmnr", Transport: dissect.UDP, Ports: []uint16{port}}
}

// Probe wants the port too: by bytes alone LLMNR is DNS.
func (protocol) Probe(f *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	if f.Initiator.Port != port && f.Responder.Port != port {
		return dissect.NotMine
	}
	var room dnsmsg.Room
	if m, ok := dnsmsg.Parse(data, &room); !ok || m.Opcode != 0 || len(m.Questions) != 1 {
		return dissect.NotMine
	}
	return dissect.Mine
}

func (protocol) New() dissect.Dissector { return dissector{} }

type dissector struct{}

func (dissector) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	var room dnsmsg.Room
	m, ok := dnsmsg.Parse(data, &room)
	if !ok || !m.Response || m.Code != 0 {
		return len(data), dissect.More
	}
	sender := dissect.About(e.Flow().Sender(dir))
	for i := range m.Answers {
		r := &m.Answers[i]
		switch {
		case r.Type == dnsmsg.TypeA || r.Type == dnsmsg.TypeAAAA:
			observe(e, sender, r.Addr, r.Name)
		case r.Type == dnsmsg.TypePTR:
			if a, ok := dnsmsg.Reverse(r.Name); ok {
				observe(e, sender, a, r.Target)
			}
		}
	}
	return len(data), dissect.More
}

func observe(e dissect.Emitter, sender model.Subject, a model.Addr, name string) {
	if a != sender.Addr {
		sender = model.Subject{Addr: a}
	}
	if name != "" && !a.IsUnspecified() {
		e.Observe(dissect.Claim{Subject: sender, Kind: model.KindHostname, Value: name, Source: "llmnr.answer"})
	}
}
