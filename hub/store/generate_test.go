package store_test

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/internal/model"
)

// day is the receive time of generated rows: of now, since retention counts from it.
var day = time.Now().UTC().Truncate(24 * time.Hour).Add(-24 * time.Hour)

// captured is the event time of generated rows: long before receipt, as in
// old captures, so that a retention by event time would show.
var captured = time.Date(2006, 5, 1, 10, 0, 0, 0, time.UTC)

var services = []struct {
	name string
	port uint16
}{{"dicom", 104}, {"hl7", 2575}, {"http", 80}, {"tls", 443}, {"dns", 53}, {"smb", 445}, {"modbus", 502}, {"telnet", 23}}

func addr4(a, b, c, d byte) model.Addr { return model.AddrFrom4([]byte{a, b, c, d}) }

func stamp(site string, sequence uint64, row int, receive time.Time) store.Stamp {
	return store.Stamp{Site: model.SiteID(site), Realm: "main", Sensor: model.SensorID("s-" + site), Receive: receive,
		Epoch: 1, Sequence: sequence, Row: uint32(row)}
}

// flows makes n flows of a site: 20,000 hosts of 10.1/16, each talking to six
// services of 10.2.0/24, one flow in 50 to a public address, spread evenly over span.
func flows(site string, sequence uint64, n int, receive, from time.Time, span time.Duration) []store.FlowRow {
	r := rand.New(rand.NewPCG(sequence, 7))
	out := make([]store.FlowRow, n)
	for i := range out {
		start := from.Add(span * time.Duration(i) / time.Duration(n)).Truncate(time.Microsecond)
		host := r.IntN(20_000)
		partner := r.IntN(6)
		svc := services[(host+partner)%len(services)]
		responder := addr4(10, 2, 0, byte((host*31+partner*17)%200))
		if r.IntN(50) == 0 {
			responder = addr4(203, 0, 113, byte(r.IntN(250)))
		}
		out[i] = store.FlowRow{Stamp: stamp(site, sequence, i, receive), Flow: model.Flow{
			Start: start.UnixNano(), End: start.Add(time.Second).UnixNano(), Domain: 1,
			Initiator: model.Endpoint{Addr: addr4(10, 1, byte(host>>8), byte(host)), Port: uint16(32768 + r.IntN(28000)), MAC: model.MAC(0x020000000000 + host)},
			Responder: model.Endpoint{Addr: responder, Port: svc.port, MAC: 0x00005e005301},
			Protocol:  6, Service: svc.name,
			InitiatorOctets: uint64(r.IntN(100_000)), ResponderOctets: uint64(r.IntN(1_000_000)),
			InitiatorPackets: uint64(r.IntN(100)), ResponderPackets: uint64(r.IntN(1000)),
			InitiatorFlags: 0x1b, ResponderFlags: 0x1b, EndReason: model.EndDetected, HandshakeRTT: int64(r.IntN(5_000_000)),
			CommunityID: fmt.Sprintf("1:%016x%08x==", r.Uint64(), i), FirstOfConversation: true, Encrypted: svc.name == "tls",
		}}
		if svc.name == "dicom" {
			out[i].Operations = []model.Operation{{Verb: model.VerbStore, Object: "ct-image", Result: model.ResultOK, Count: 120}}
		}
		if svc.name == "tls" {
			out[i].ServerName = fmt.Sprintf("host%d.example.org", r.IntN(100))
		}
	}
	return out
}

// group makes a group of n flows with an observation for every second and a
// finding for every fourth of them, over two receive days.
func group(token, site string, sequence uint64, n int) store.Group {
	g := store.Group{Token: token}
	g.Flows = append(flows(site, sequence, n/2, day, captured, 3*time.Hour), flows(site, sequence, n-n/2, day.Add(24*time.Hour), captured, 3*time.Hour)...)
	for i := range g.Flows {
		f := &g.Flows[i]
		f.Row = uint32(i)
		subject := model.Subject{Addr: f.Initiator.Addr, MAC: f.Initiator.MAC}
		if i%2 == 0 {
			g.Observations = append(g.Observations, store.ObservationRow{Stamp: f.Stamp, Observation: model.Observation{
				Subject: subject, Domain: 1, VLAN: 10, Kind: model.KindHostname, Value: fmt.Sprintf("ct-%d", i%100), Source: "dhcp.option12",
				First: f.Start, Last: f.End, Count: 2}})
		}
		if i%4 == 0 {
			g.Findings = append(g.Findings, store.FindingRow{Stamp: f.Stamp, Finding: model.Finding{
				Type: model.FindingCleartextProtocol, Rule: "telnet.cleartext", RuleVersion: 1, Subject: model.Subject{Addr: f.Responder.Addr},
				Peer: subject, Port: 23, Protocol: 6, Service: "telnet", Evidence: "telnet.data", CommunityID: f.CommunityID,
				Domain: 1, First: f.Start, Last: f.End, Count: 3}})
		}
	}
	g.Stats = []store.StatsRow{{Stamp: stamp(site, sequence, 0, day), Stats: model.Stats{
		Domain: 1, VLAN: 10, Minute: captured.UnixNano(), Packets: 1000, Octets: 64_000, Hosts: 12, TCPConversations: 40, TCPOneWay: 2,
		Drops:      []model.Drop{{Place: model.PlaceKernel, Packets: 3}},
		Interfaces: []model.Interface{{Name: "eth1", CanSend: true, Reasons: []string{"has address 10.1.2.3/24"}, Remedies: []string{"ip addr flush dev eth1"}, LinkUp: true}}}}}
	g.Losses = []store.LossRow{{Stamp: stamp(site, sequence, 0, day), Loss: model.Loss{Place: model.PlaceKernel, Reason: "ring full", Domain: 1,
		First: captured.UnixNano(), Last: captured.UnixNano(), Packets: 3}}}
	counts := store.Counts{Flows: uint64(len(g.Flows)), Observations: uint64(len(g.Observations)), Findings: uint64(len(g.Findings)), Losses: 1, Stats: 1}
	g.Batches = []store.BatchRow{{Stamp: stamp(site, sequence, 0, day), SealedAt: captured.UnixNano(), Version: "0.1.0", Sealed: counts, Stored: counts}}
	return g
}
