package wsdiscovery

import (
	"net/url"
	"strings"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
)

type protocol struct{}

// New returns the WS-Discovery dissector.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "ws-discovery", Transport: dissect.UDP, Ports: []uint16{3702}}
}

func (protocol) Probe(_ *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	if _, ok := Parse(data); !ok {
		return dissect.NotMine
	}
	return dissect.Mine
}

func (protocol) New() dissect.Dissector { return dissector{} }

type dissector struct{}

// roles by type: IEEE 11073-20702, annex B; ONVIF Core Specification, section 7.3; WSD print and
// scan; MS-PBSD.
var roles = map[string]string{"MedicalDevice": "medical device", "NetworkVideoTransmitter": "network camera", "NetworkVideoDisplay": "video display",
	"PrintDeviceType": "printer", "ScanDeviceType": "scanner", "Computer": "computer"}

const (
	maxListed = 8
	maxScopes = 32
)

func (dissector) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	m, ok := Parse(data)
	if !ok || m.Action != "Hello" && m.Action != "ProbeMatches" && m.Action != "ResolveMatches" {
		return len(data), dissect.More
	}
	s := dissect.About(e.Flow().Sender(dir))
	say := func(kind model.Kind, v, source string) {
		e.Observe(dissect.Claim{Subject: s, Kind: kind, Value: v, Source: source})
	}
	if strings.HasPrefix(m.UUID, "urn:uuid:") || strings.HasPrefix(m.UUID, "uuid:") {
		say(model.KindIdentifier, m.UUID, "ws-discovery.endpoint")
	}
	for _, t := range m.Types[:min(len(m.Types), maxListed)] {
		say(model.KindServiceOffered, t, "ws-discovery.types")
		say(model.KindRole, roles[t], "ws-discovery.types")
	}
	for _, raw := range m.Address[:min(len(m.Address), maxListed)] {
		if u, err := url.Parse(raw); err == nil && u.Host != "" {
			say(model.KindServiceOffered, u.Scheme+"://"+u.Host, "ws-discovery.xaddrs")
		}
	}
	for _, scope := range m.Scopes[:min(len(m.Scopes), maxScopes)] {
		if v, found := strings.CutPrefix(scope, "onvif://www.onvif.org/hardware/"); found {
			if plain, err := url.PathUnescape(v); err == nil {
				say(model.KindModel, plain, "ws-discovery.onvif_hardware")
			}
		}
		say(model.KindRole, component(scope), "ws-discovery.sdc_component_type")
		say(model.KindLocation, location(scope), "ws-discovery.sdc_location")
		if strings.HasPrefix(scope, "sdc.mds.pkp:") {
			say(model.KindCapability, "SDC participant", "ws-discovery.sdc_key_purpose")
		}
	}
	return len(data), dissect.More
}
