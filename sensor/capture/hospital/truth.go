package hospital

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/wardscope/wardscope/sensor/capture/hospital/fleet"
	"github.com/wardscope/wardscope/sensor/capture/hospital/office"
	"github.com/wardscope/wardscope/sensor/capture/hospital/wire"
)

// Truth is what a generated capture holds, for comparison with what a sensor says of it.
type Truth struct {
	Scenario string            `json:"scenario"`
	Site     string            `json:"site"`
	Realm    string            `json:"realm"`
	Seed     uint64            `json:"seed"`
	Start    time.Time         `json:"start"`
	End      time.Time         `json:"end"`
	Devices  []TruthDevice     `json:"devices"`
	Findings []TruthFinding    `json:"findings"`
	Cross    []TruthFlow       `json:"cross_site"`
	External []TruthFlow       `json:"external"`
	Packets  uint64            `json:"packets"`
	Octets   uint64            `json:"octets"` // of the frames
	Services map[string]Amount `json:"services"`
}

// Amount counts a service's sessions and frames.
type Amount struct {
	Sessions uint64 `json:"sessions"`
	Packets  uint64 `json:"packets"`
	Octets   uint64 `json:"octets"`
}

// TruthDevice is one machine that the sensor sees.
type TruthDevice struct {
	Site     string   `json:"site"`
	Realm    string   `json:"realm"`
	MACs     []string `json:"macs"` // empty for a machine behind a router
	IPs      []string `json:"ips"`
	Hostname string   `json:"hostname,omitempty"`
	Category string   `json:"category"`
	Type     string   `json:"type"`
	Vendor   string   `json:"vendor,omitempty"`
	Model    string   `json:"model,omitempty"`
	OS       string   `json:"os,omitempty"`
	Firmware string   `json:"firmware,omitempty"`
	Serial   string   `json:"serial,omitempty"`
	VLAN     uint16   `json:"vlan,omitempty"`
	// Here is false for a machine of another site of which only routed traffic is seen.
	Here bool `json:"here"`
}

// TruthFinding is a weakness that the traffic shows. Any of Types will do.
type TruthFinding struct {
	Types   []string `json:"types"`
	Service string   `json:"service,omitempty"`
	Subject string   `json:"subject"`
	Device  string   `json:"device"`
	Peer    string   `json:"peer,omitempty"`
	Port    uint16   `json:"port,omitempty"`
}

// TruthFlow is a pair of ends with a service between them.
type TruthFlow struct {
	Initiator     string `json:"initiator"`
	InitiatorSite string `json:"initiator_site,omitempty"`
	Responder     string `json:"responder"`
	ResponderSite string `json:"responder_site,omitempty"`
	Name          string `json:"name,omitempty"`    // of the external end
	Country       string `json:"country,omitempty"` // of the external end
	Service       string `json:"service"`
	Port          uint16 `json:"port"`
	Sessions      uint64 `json:"sessions"`
}

type truthBuilder struct {
	health   *fleet.Health
	site     *fleet.Hospital
	findings []TruthFinding
	known    map[string]bool
	certs    map[string][]byte
	fault    error
	services map[string]*Amount
	pairs    map[*habit]uint64
	packets  uint64
	octets   uint64
}

func newTruthBuilder(h *fleet.Health, t *fleet.Hospital) *truthBuilder {
	return &truthBuilder{health: h, site: t, known: map[string]bool{}, certs: map[string][]byte{}, services: map[string]*Amount{}, pairs: map[*habit]uint64{}}
}

// clear notes a protocol that goes unencrypted.
func (b *truthBuilder) clear(service string, server, client *fleet.Device) {
	b.finding([]string{"CLEARTEXT_PROTOCOL"}, service, server, client, 0)
}

// finding notes a weakness if this site's sensor sees its traffic.
func (b *truthBuilder) finding(types []string, service string, subject, peer *fleet.Device, port uint16) {
	if subject == nil || peer == nil && types[0] != "LEGACY_OS" {
		return
	}
	here := func(d *fleet.Device) bool { return d != nil && d.Site == b.site.ID && !d.External }
	if !here(subject) && !here(peer) {
		return
	}
	key := fmt.Sprint(types, service, subject.IP)
	if b.known[key] {
		return
	}
	b.known[key] = true
	f := TruthFinding{Types: types, Service: service, Subject: fleet.Dotted(subject.IP), Device: subject.Name, Port: port}
	if peer != nil {
		f.Peer = fleet.Dotted(peer.IP)
	}
	b.findings = append(b.findings, f)
}

func (b *truthBuilder) certificate(name, organisation string, from time.Time) []byte {
	if c, ok := b.certs[name]; ok {
		return c
	}
	c, err := office.Certificate(name, organisation, from.AddDate(-1, 0, 0).Truncate(24*time.Hour))
	b.fault = errors.Join(b.fault, err)
	b.certs[name] = c
	return c
}

func (b *truthBuilder) amount(service string) *Amount {
	a := b.services[service]
	if a == nil {
		a = &Amount{}
		b.services[service] = a
	}
	return a
}

func (b *truthBuilder) session(h *habit) {
	b.amount(h.service).Sessions++
	b.pairs[h]++
}

func (b *truthBuilder) count(service string, octets int) {
	a := b.amount(service)
	a.Packets++
	a.Octets += uint64(octets)
	b.packets++
	b.octets += uint64(octets)
}

func (b *truthBuilder) truth(start, end int64) Truth {
	t := Truth{Scenario: b.health.Scenario.Name, Site: b.site.ID, Realm: b.site.Realm, Seed: b.health.Seed,
		Start: time.Unix(0, start).UTC(), End: time.Unix(0, end).UTC(), Findings: b.findings,
		Packets: b.packets, Octets: b.octets, Services: map[string]Amount{}}
	for name, a := range b.services {
		t.Services[name] = *a
	}
	seen := map[*fleet.Device]bool{}
	merged := map[string]*TruthFlow{}
	for h, n := range b.pairs {
		seen[h.client], seen[h.server] = true, true
		b.flow(merged, h, n)
	}
	for _, site := range b.health.Sites {
		for _, d := range site.All {
			if seen[d] {
				t.Devices = append(t.Devices, b.device(site, d))
			}
		}
	}
	for _, k := range slices.Sorted(maps.Keys(merged)) {
		f := *merged[k]
		if strings.HasPrefix(k, "x") {
			t.External = append(t.External, f)
		} else {
			t.Cross = append(t.Cross, f)
		}
	}
	return t
}

func (b *truthBuilder) flow(merged map[string]*TruthFlow, h *habit, n uint64) {
	if h.server.Group || h.transport == wire.Link {
		return
	}
	external := h.client.External || h.server.External
	if !external && h.client.Site == h.server.Site {
		return
	}
	f := TruthFlow{Initiator: fleet.Dotted(h.client.IP), InitiatorSite: h.client.Site, Responder: fleet.Dotted(h.server.IP), ResponderSite: h.server.Site, Service: h.service, Port: h.port}
	key := fmt.Sprintf("c %v %v %s %d", h.client.IP, h.server.IP, h.service, h.port)
	if external {
		key = "x" + key
		peer := h.server
		if h.client.External {
			peer = h.client
		}
		f.Name, f.Country = peer.Name, peer.Country
	}
	if merged[key] == nil {
		merged[key] = &f
	}
	merged[key].Sessions += n
}

func (b *truthBuilder) device(t *fleet.Hospital, d *fleet.Device) TruthDevice {
	out := TruthDevice{Site: t.ID, Realm: t.Realm, IPs: []string{fleet.Dotted(d.IP)}, Hostname: d.Name, Category: d.Kind.Category, Type: d.Kind.Type,
		Vendor: d.Product.Vendor, Model: d.Product.Model, OS: d.System.Name, Firmware: d.Product.Version, Serial: d.Serial, MACs: []string{}, Here: t.ID == b.site.ID}
	if out.Here {
		out.MACs = []string{fmt.Sprintf("%02x:%02x:%02x:%02x:%02x:%02x", d.MAC[0], d.MAC[1], d.MAC[2], d.MAC[3], d.MAC[4], d.MAC[5])}
		out.VLAN = d.VLAN
	}
	return out
}

// WriteJSON writes the truth, indented.
func (t Truth) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", " ")
	if err := e.Encode(t); err != nil {
		return fmt.Errorf("write truth: %w", err)
	}
	return nil
}
