package store_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/internal/model"
)

// What the benchmark's three hospitals are made of.
const (
	benchSites   = 3
	benchDevices = 1000 // a site
	benchServers = 40   // of them
	benchVLANs   = 4
	externals    = 4000 // distinct public addresses, used unevenly
)

// hospitals makes the benchmark's rows: each day of each site is one group.
type hospitals struct {
	total int       // flows
	days  int       // over which they spread: 30, fewer when there are few
	begin time.Time // of the first day
	r     *rand.Rand
}

func newHospitals(total int) *hospitals {
	days := min(30, max(3, total/30_000))
	begin := time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -days)
	return &hospitals{total: total, days: days, begin: begin, r: rand.New(rand.NewPCG(1, 2))}
}

func benchSite(i int) model.SiteID { return model.SiteID([]string{"north", "south", "west"}[i]) }

func benchAddr(site, device int) model.Addr {
	return addr4(10, byte(site+1), byte(device>>8), byte(device))
}

func benchMAC(site, device int) model.MAC { return model.MAC(0x020000000000 + site<<16 + device) }

func (h *hospitals) period() store.Period {
	return store.Period{From: h.begin, To: h.begin.AddDate(0, 0, h.days)}
}

// skewed draws 0 to n-1, the small ones far more often.
func (h *hospitals) skewed(n int) int { return int(float64(n) * math.Pow(h.r.Float64(), 3)) }

// moment draws a time of day: three quarters of the work is done in ten hours.
func (h *hospitals) moment(day time.Time) time.Time {
	at := 24 * time.Hour
	from := time.Duration(0)
	if h.r.IntN(4) > 0 {
		from, at = 7*time.Hour, 10*time.Hour
	}
	return day.Add(from + time.Duration(h.r.Int64N(int64(at)))).Truncate(time.Microsecond)
}

// conversation draws the ends and the service of a flow: a device uses ten
// services of its site's servers, chosen by its number; a few per cent go to
// the internet, and a few from other sites to the first site's archive.
func (h *hospitals) conversation(site int) (from int, to model.Addr, port uint16, name string, crossing bool) {
	from = benchServers + h.skewed(benchDevices-benchServers)
	use := h.skewed(10)
	svc := services[(from+use)%len(services)]
	to = benchAddr(site, (from*7+use*use)%benchServers)
	switch p := h.r.IntN(100); {
	case p < 4:
		n := h.skewed(externals)
		if n > 200 { // each device has its own part of the rarely used
			n = 200 + (from*13+n%16)%(externals-200)
		}
		return from, addr4(203, byte(n>>8), byte(n), 7), 443, "tls", false
	case p < 6 && site != 0:
		return from, benchAddr(0, 3), 104, "dicom", true
	case p < 7: // never recognised, on many ports
		return from, to, uint16(10_000 + from%50), "", false
	}
	return from, to, svc.port, svc.name, false
}

// day makes a group of one site's day: flows in order of time, what devices
// say of themselves, findings, coverage by the minute and the ledger.
func (h *hospitals) day(site, day int) store.Group {
	begin := h.begin.AddDate(0, 0, day)
	n := h.total / benchSites / h.days
	sequence := uint64(day*10_000 + 1)
	g := store.Group{Token: fmt.Sprintf("bench/%d/%d", site, day)}
	stampAt := func(by int, at time.Time, row int) store.Stamp {
		s := benchSite(by)
		return store.Stamp{Site: s, Realm: "main", Sensor: "s-" + model.SensorID(s), Receive: at, Epoch: 1, Sequence: sequence, Row: uint32(row)}
	}
	receive := begin.Add(23 * time.Hour)
	for len(g.Flows) < n {
		start := h.moment(begin)
		from, to, port, name, crossing := h.conversation(site)
		f := store.FlowRow{Stamp: stampAt(site, receive, len(g.Flows)), Flow: model.Flow{
			Start: start.UnixNano(), End: start.Add(time.Duration(h.r.IntN(60_000)) * time.Millisecond).UnixNano(), Domain: 1,
			Initiator: model.Endpoint{Addr: benchAddr(site, from), Port: uint16(32768 + h.r.IntN(28000)), MAC: benchMAC(site, from)},
			Responder: model.Endpoint{Addr: to, Port: port, MAC: 0x00005e005301}, Protocol: 6, Service: name, VLAN: uint16(10 + from%benchVLANs),
			InitiatorOctets: uint64(h.r.IntN(100_000)), ResponderOctets: uint64(h.r.IntN(1_000_000)),
			InitiatorPackets: uint64(1 + h.r.IntN(100)), ResponderPackets: uint64(1 + h.r.IntN(1000)),
			InitiatorFlags: 0x1b, ResponderFlags: 0x1b, EndReason: model.EndDetected, HandshakeRTT: int64(h.r.IntN(5_000_000)),
			CommunityID: fmt.Sprintf("1:%016x%08x==", h.r.Uint64(), len(g.Flows)), FirstOfConversation: true, Encrypted: name == "tls"}}
		switch name {
		case "dicom":
			f.Operations = []model.Operation{{Verb: model.VerbStore, Object: "ct-image", Result: model.ResultOK, Count: 120}}
		case "tls":
			f.ServerName = fmt.Sprintf("host%d.example.org", h.skewed(500))
		}
		g.Flows = append(g.Flows, f)
		if crossing { // the archive's site sees it too
			f.Stamp = stampAt(0, receive, len(g.Flows))
			f.Epoch = uint64(1 + site) // so that its name is its own
			g.Flows = append(g.Flows, f)
		}
	}
	h.addClaims(&g, site, begin, receive, stampAt)
	h.addAccount(&g, site, begin, receive, sequence, stampAt)
	return g
}

func (h *hospitals) addClaims(g *store.Group, site int, begin, receive time.Time, stampAt func(int, time.Time, int) store.Stamp) {
	for device := range max(1, min(benchDevices, h.total/1000)) {
		subject := model.Subject{Addr: benchAddr(site, device), MAC: benchMAC(site, device)}
		for i, kind := range []model.Kind{model.KindHostname, model.KindOS, model.KindVendor, model.KindModel} {
			at := begin.Add(time.Duration(device+i) * time.Second).UnixNano()
			g.Observations = append(g.Observations, store.ObservationRow{Stamp: stampAt(site, receive, len(g.Observations)), Observation: model.Observation{
				Subject: subject, Domain: 1, VLAN: uint16(10 + device%benchVLANs), Kind: kind, Value: fmt.Sprintf("%v-%d", kind, device), Source: "dhcp.option12",
				First: at, Last: at, Count: 3}})
		}
		if device%5 == 0 {
			at := begin.Add(time.Duration(device) * time.Minute).UnixNano()
			g.Findings = append(g.Findings, store.FindingRow{Stamp: stampAt(site, receive, len(g.Findings)), Finding: model.Finding{
				Type: model.FindingCleartextProtocol, Rule: "telnet.cleartext", RuleVersion: 1, Subject: model.Subject{Addr: benchAddr(site, device%benchServers)},
				Peer: subject, Port: 23, Protocol: 6, Service: "telnet", Evidence: "telnet.data", Domain: 1, First: at, Last: at, Count: 3}})
		}
	}
}

// addAccount adds coverage for each VLAN and minute, and a batch for every half.
func (h *hospitals) addAccount(g *store.Group, site int, begin, receive time.Time, sequence uint64, stampAt func(int, time.Time, int) store.Stamp) {
	minutes := max(1, min(24*60, h.total/5000))
	for minute := range minutes {
		at := begin.Add(time.Duration(minute) * time.Minute)
		for vlan := range benchVLANs {
			row := store.StatsRow{Stamp: stampAt(site, receive, len(g.Stats)), Stats: model.Stats{Domain: 1, VLAN: uint16(10 + vlan), Minute: at.UnixNano(),
				Packets: 100_000, Octets: 64_000_000, Hosts: 250, TCPConversations: 40, TCPOneWay: 2, Drops: []model.Drop{{Place: model.PlaceKernel, Packets: 3}}}}
			if vlan == 0 {
				row.Interfaces = []model.Interface{{Name: "eth1", CanSend: true, Reasons: []string{"has address 192.0.2.3/24"}, Remedies: []string{"ip addr flush dev eth1"}, LinkUp: true}}
			}
			g.Stats = append(g.Stats, row)
		}
		for half := range 2 {
			s := stampAt(site, receive, 0)
			s.Sequence = sequence + uint64(2*minute+half)
			g.Batches = append(g.Batches, store.BatchRow{Stamp: s, SealedAt: at.UnixNano(), Version: "0.1.0"})
		}
	}
	last := &g.Batches[len(g.Batches)-1]
	last.Sealed = store.Counts{Flows: uint64(len(g.Flows)), Observations: uint64(len(g.Observations)), Findings: uint64(len(g.Findings)), Stats: uint64(len(g.Stats))}
	last.Stored = last.Sealed
}
