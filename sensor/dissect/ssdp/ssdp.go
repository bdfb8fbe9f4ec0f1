package ssdp

import (
	"bytes"
	"net/url"
	"strings"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

type protocol struct{}

// New returns the SSDP dissector.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "ssdp", Transport: dissect.UDP, Ports: []uint16{1900}}
}

func (protocol) Probe(_ *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	if _, ok := Parse(data); !ok {
		return dissect.NotMine
	}
	return dissect.Mine
}

func (protocol) New() dissect.Dissector { return dissector{} }

type dissector struct{}

func (dissector) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	m, ok := Parse(data)
	if !ok {
		return len(data), dissect.More
	}
	s := dissect.About(e.Flow().Sender(dir))
	say := func(kind model.Kind, v, source string) {
		e.Observe(dissect.Claim{Subject: s, Kind: kind, Value: v, Source: source})
	}
	if m.Kind == Search {
		say(model.KindSoftware, wire.String(m.UserAgent), "ssdp.user_agent")
		return len(data), dissect.More
	}
	say(model.KindSoftware, wire.String(m.Server), "ssdp.server")
	if m.ByeBye {
		return len(data), dissect.More
	}
	if id, _, _ := bytes.Cut(m.ID, []byte("::")); bytes.HasPrefix(id, []byte("uuid:")) {
		say(model.KindIdentifier, wire.String(id), "ssdp.usn")
	}
	if t := wire.String(m.Target); strings.HasPrefix(t, "urn:") || t == "upnp:rootdevice" {
		say(model.KindServiceOffered, t, "ssdp.target")
	}
	if u, err := url.Parse(string(m.Location)); err == nil && u.Host != "" {
		say(model.KindServiceOffered, "description at "+u.Scheme+"://"+u.Host, "ssdp.location")
	}
	return len(data), dissect.More
}
