package ntlm

import (
	"bytes"
	"strings"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

type protocol struct{}

// New returns the protocol. It is never probed, only reached by Emitter.Inner.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info { return dissect.Info{Name: "ntlm"} }

func (protocol) Probe(*dissect.Flow, dissect.Direction, []byte) dissect.Verdict {
	return dissect.NotMine
}

func (protocol) New() dissect.Dissector { return reader{} }

type reader struct{}

func (reader) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	if i := bytes.Index(data, []byte(signature)); i >= 0 {
		if m, ok := parse(data[i:]); ok {
			tell(e, dir, m)
		}
	}
	return len(data), dissect.Done
}

func tell(e dissect.Emitter, dir dissect.Direction, m message) {
	f := e.Flow()
	claim := func(kind model.Kind, field, value string) {
		e.Observe(dissect.Claim{Subject: dissect.About(f.Sender(dir)), Kind: kind, Value: value, Source: wire.Join("ntlm.", field)})
	}
	// Samba and others say 6.1 with build 0, which no Windows had.
	if m.version != "" && !strings.HasSuffix(m.version, ".0") {
		claim(model.KindOS, "version", wire.Join("Windows NT ", m.version))
	}
	if m.kind == typeChallenge {
		claim(model.KindDomain, "target_name", m.target)
		claim(model.KindHostname, "nb_computer", m.names[avNBComputer])
		claim(model.KindDomain, "nb_domain", m.names[avNBDomain])
		claim(model.KindHostname, "dns_computer", m.names[avDNSComputer])
		claim(model.KindDomain, "dns_domain", m.names[avDNSDomain])
		claim(model.KindDomain, "dns_tree", m.names[avDNSTree])
		return
	}
	claim(model.KindHostname, "workstation", m.workstation)
	claim(model.KindDomain, "domain", m.domain)
	if m.v1 {
		e.Report(dissect.Weakness{Type: model.FindingWeakCrypto, Rule: "ntlm.version_1", Version: 1, Subject: f.Receiver(dir), Peer: f.Sender(dir),
			Detail: "NTLM version 1", Evidence: "ntlm.response"})
	}
}
