package api_test

import (
	"testing"
	"time"

	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/internal/model"
)

// seen is when everything in the small hospital happened.
var seen = now.Add(-time.Hour)

type hospitalStore struct {
	t *testing.T
	g store.Group
}

func addr(t testing.TB, s string) model.Addr {
	t.Helper()
	a, err := model.ParseAddr(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (h *hospitalStore) stamp(site model.SiteID, sensor model.SensorID, row int) store.Stamp {
	return store.Stamp{Site: site, Realm: "wan", Sensor: sensor, Receive: now.Add(-time.Minute), Epoch: 1, Sequence: 1, Row: uint32(row)}
}

func (h *hospitalStore) claim(site model.SiteID, mac model.MAC, ip string, kind model.Kind, source, value string) {
	h.g.Observations = append(h.g.Observations, store.ObservationRow{Stamp: h.stamp(site, model.SensorID(site[:1])+"1", len(h.g.Observations)),
		Observation: model.Observation{Subject: model.Subject{Addr: addr(h.t, ip), MAC: mac}, VLAN: 20, Kind: kind, Value: value, Source: source, First: seen.UnixNano(), Last: seen.UnixNano(), Count: 1}})
}

func (h *hospitalStore) device(site model.SiteID, mac model.MAC, ip, name, role string) {
	h.claim(site, mac, ip, model.KindAddressBinding, "arp.sender", ip)
	h.claim(site, mac, ip, model.KindHostname, "dhcp.option12", name)
	h.claim(site, mac, ip, model.KindRole, "lldp.capabilities", role)
}

func (h *hospitalStore) flow(sensor model.SensorID, fromMAC model.MAC, from string, toMAC model.MAC, to, service string, port uint16, minute int, encrypted bool) {
	site := model.SiteID("north")
	if sensor[0] == 's' {
		site = "south"
	}
	at := seen.Add(time.Duration(minute) * time.Minute)
	h.g.Flows = append(h.g.Flows, store.FlowRow{Stamp: h.stamp(site, sensor, len(h.g.Flows)), Flow: model.Flow{
		Start: at.UnixNano(), End: at.Add(time.Second).UnixNano(), Protocol: 6, VLAN: 20, Service: service, Encrypted: encrypted, FirstOfConversation: true,
		Initiator: model.Endpoint{Addr: addr(h.t, from), Port: 40000 + uint16(minute), MAC: fromMAC}, Responder: model.Endpoint{Addr: addr(h.t, to), Port: port, MAC: toMAC},
		InitiatorOctets: 1000, ResponderOctets: 500, InitiatorPackets: 4, ResponderPackets: 3, CommunityID: "1:" + string(rune('a'+minute)) + "bc=", EndReason: model.EndDetected,
	}})
}

// hospital fills a store: two sites that share a realm, a CT at north that stores to the PACS at
// south (seen by both sensors), a workstation on Windows XP, a way to the internet and to a partner.
func hospital(t *testing.T, s *store.Store) {
	t.Helper()
	h := &hospitalStore{t: t}
	const ct, ws, gateway, pacs, southGateway = 0x0003b1000001, 0x0003b1000002, 0x00000c000009, 0x0003b1000011, 0x00000c000019
	h.device("north", ct, "10.1.0.5", "ct-03", "modality-ct")
	h.device("north", ws, "10.1.7.6", "ws-1", "workstation")
	h.claim("north", ws, "10.1.7.6", model.KindOS, "smb.native_os", "Windows 5.1")
	h.device("south", pacs, "10.2.0.9", "pacs", "pacs")
	h.flow("n1", ct, "10.1.0.5", gateway, "10.2.0.9", "dicom", 104, 1, false)
	h.flow("s1", southGateway, "10.1.0.5", pacs, "10.2.0.9", "dicom", 104, 1, false)
	h.flow("n1", ws, "10.1.7.6", gateway, "8.8.8.8", "tls", 443, 2, true)
	h.flow("n1", ws, "10.1.7.6", gateway, "203.0.113.4", "tls", 443, 3, true)
	h.flow("n1", gateway, "9.9.9.9", ws, "10.1.7.6", "rdp", 3389, 4, true)
	h.flow("n1", ws, "10.1.7.6", ct, "10.1.0.5", "telnet", 23, 5, false)
	finding := func(rule, ip, peer, service, detail string, typ model.FindingType, port uint16) {
		h.g.Findings = append(h.g.Findings, store.FindingRow{Stamp: h.stamp("north", "n1", len(h.g.Findings)), Finding: model.Finding{Type: typ, Rule: rule, RuleVersion: 1,
			Subject: model.Subject{Addr: addr(t, ip)}, Peer: model.Subject{Addr: addr(t, peer)}, Port: port, Protocol: 6, Service: service, Detail: detail, Evidence: service + ".x",
			CommunityID: "1:fbc=", First: seen.UnixNano(), Last: seen.UnixNano(), Count: 2}})
	}
	finding("telnet.cleartext", "10.1.0.5", "10.1.7.6", "telnet", "", model.FindingCleartextProtocol, 23)
	finding("dns.cleartext", "10.1.7.6", "10.1.0.5", "dns", "", model.FindingCleartextProtocol, 53)
	for i, v := range []struct {
		site   model.SiteID
		sensor model.SensorID
	}{{"north", "n1"}, {"south", "s1"}} {
		h.g.Stats = append(h.g.Stats, store.StatsRow{Stamp: h.stamp(v.site, v.sensor, i), Stats: model.Stats{VLAN: 20, Minute: now.Add(-2 * time.Minute).UnixNano(), Packets: 1000,
			TCPConversations: 100, TCPOneWay: 5, Drops: []model.Drop{{Place: model.PlaceKernel, Packets: uint64(i)}}, Interfaces: []model.Interface{{Name: "mirror0", LinkUp: true}}}})
		counts := store.Counts{Flows: 6, Observations: 10, Findings: 2, Stats: 1}
		h.g.Batches = append(h.g.Batches, store.BatchRow{Stamp: h.stamp(v.site, v.sensor, i), SealedAt: now.UnixNano(), Version: "1.0", Sealed: counts, Stored: counts})
	}
	h.g.Token = "t/1/0/1-1/hospital"
	if err := s.InsertGroup(t.Context(), h.g); err != nil {
		t.Fatal(err)
	}
}
