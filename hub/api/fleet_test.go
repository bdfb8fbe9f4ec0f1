package api_test

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"log/slog"
	"net/netip"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/wardscope/wardscope/hub/access"
	"github.com/wardscope/wardscope/hub/api"
	"github.com/wardscope/wardscope/hub/client"
	"github.com/wardscope/wardscope/hub/exposure"
	"github.com/wardscope/wardscope/hub/inventory/knowledge"
	"github.com/wardscope/wardscope/hub/inventory/live"
	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/hub/store/storetest"
	maker "github.com/wardscope/wardscope/internal/knowledge"
	"github.com/wardscope/wardscope/internal/model"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

// stations is the number of devices that TestFleet holds the API against; `make fleet` takes 20,000.
var stations = flag.Int("fleet", 2000, "devices of TestFleet")

// Bounds of TestFleet, for 20,000 devices on two cores.
const (
	listWithin   = 200 * time.Millisecond
	pageWithin   = 300 * time.Millisecond
	minuteWithin = 4 * time.Second // of processor time: two seconds on two cores
	system       = 1_200_000       // devices that memory is extrapolated to
)

// kinds are the devices of the fleet, by turns, and what they say.
var kinds = []struct {
	oui    model.MAC
	vlan   uint16
	claims []store.ObservationRow
	serves string
}{
	{0x0003b1, 30, says("hostname dhcp.option12 pump-%05d", "model hl7.OBX-18.3 Plum A+", "serial hl7.PRT-20 SN%06d", "fingerprint dhcp.option55 1,3,6,12", "firmware hl7.SFT-4 13.41"), "hl7"},
	{0x18037f, 40, says("hostname dhcp.option12 WS-%05d", "hostname nbns.name WS-%05d", "domain ntlm.domain CLINIC", "os ntlm.version Windows NT 10.0.19045", "fingerprint dhcp.option60 MSFT 5.0",
		"fingerprint dhcp.option55 1,3,6,15,31,33,43,44,46,47,119,121,249,252", "role nbns.suffix file server", "software http.user_agent Microsoft-CryptoAPI/10.0", "identifier dhcpv6.client_duid 0001000118%012d"), "smb"},
	{0x0009fb, 50, says("model intellivue.model_number IntelliVue MX450", "vendor intellivue.manufacturer Philips", "serial intellivue.serial_number DE%06d", "role intellivue.system_type patient monitor"), "intellivue"},
	{0x30055c, 60, says("hostname dhcp.option12 BRN30055C%06d", "banner snmp.sysDescr Brother NC-6800h, Firmware Ver.1.01 (08.12.12),MID 84UZ92", "fingerprint snmp.sysObjectID 1.3.6.1.4.1.2435.2.3.9.1", "service_offered mdns.service _ipp._tcp.local", "model mdns.txt_ty Brother HL-L2350DW series"), "ipp"},
	{0x00108d, 70, says("identifier bacnet.i_am bacnet device %d", "vendor bacnet.vendor_name Johnson Controls", "model bacnet.model_name VMA1630", "firmware bacnet.firmware_revision 6.2"), "bacnet"},
}

// says reads "kind source value" as claims; %d in the value is the device's number.
func says(lines ...string) (out []store.ObservationRow) {
	for _, l := range lines {
		var kind, source string
		if _, err := fmt.Sscan(l, &kind, &source); err != nil {
			panic(err) // the lines stand in this file
		}
		for k := model.KindHostname; k.String() != "unknown" && k < 64; k++ {
			if k.String() == kind {
				out = append(out, store.ObservationRow{Observation: model.Observation{Kind: k, Source: source, Value: l[len(kind)+len(source)+2:], Count: 1}})
			}
		}
	}
	return out
}

func fleetAddr(i int) model.Addr { return model.AddrFrom4([]byte{10, 1, byte(i >> 8), byte(i)}) }

// device adds what one device of the fleet says and does.
func (h *hospitalStore) ofFleet(i int) {
	k := kinds[i%len(kinds)]
	sub := model.Subject{Addr: fleetAddr(i), MAC: k.oui<<24 + model.MAC(i)}
	add := func(o store.ObservationRow, value string) {
		o.Stamp = h.stamp("north", "n1", len(h.g.Observations))
		o.Subject, o.Value, o.VLAN, o.First, o.Last = sub, value, k.vlan, seen.UnixNano(), seen.UnixNano()
		h.g.Observations = append(h.g.Observations, o)
	}
	for _, source := range []string{"arp.sender", "dhcp.yiaddr"} {
		add(store.ObservationRow{Observation: model.Observation{Kind: model.KindAddressBinding, Source: source, Count: 1}}, sub.Addr.String())
	}
	add(store.ObservationRow{Observation: model.Observation{Kind: model.KindStack, Source: "ip.ttl", Count: 1}}, "64")
	for _, o := range k.claims {
		value := o.Value
		if s := fmt.Sprintf(o.Value, i); len(s) > 0 && !slices.Contains([]byte(s), '!') {
			value = s
		}
		add(o, value)
	}
	for n := range 3 { // three servers each
		at := seen.Add(time.Duration(n) * time.Minute)
		h.g.Flows = append(h.g.Flows, store.FlowRow{Stamp: h.stamp("north", "n1", len(h.g.Flows)), Flow: model.Flow{Start: at.UnixNano(), End: at.Add(time.Second).UnixNano(), Protocol: 6, VLAN: k.vlan,
			Service: k.serves, FirstOfConversation: true, Initiator: model.Endpoint{Addr: sub.Addr, Port: 40000, MAC: sub.MAC}, Responder: model.Endpoint{Addr: fleetAddr(n * 7), Port: uint16(2575 + n), MAC: kinds[n*7%len(kinds)].oui<<24 + model.MAC(n*7)},
			InitiatorOctets: 1000, ResponderOctets: 500, InitiatorPackets: 4, ResponderPackets: 3, EndReason: model.EndDetected}})
	}
	if i%2 == 0 {
		h.g.Findings = append(h.g.Findings, store.FindingRow{Stamp: h.stamp("north", "n1", len(h.g.Findings)), Finding: model.Finding{Type: model.FindingCleartextProtocol, Rule: "telnet.cleartext", RuleVersion: 1,
			Subject: model.Subject{Addr: sub.Addr}, Peer: model.Subject{Addr: fleetAddr(0)}, Port: 23, Protocol: 6, Service: "telnet", Evidence: "telnet.x", First: seen.UnixNano(), Last: seen.UnixNano(), Count: 2}})
	}
}

// put stores what was added as one group, received at a time.
func (h *hospitalStore) put(s *store.Store, sequence uint64, received time.Time) {
	h.t.Helper()
	for i := range h.g.Observations {
		h.g.Observations[i].Sequence, h.g.Observations[i].Receive = sequence, received
	}
	for i := range h.g.Flows {
		h.g.Flows[i].Sequence, h.g.Flows[i].Receive = sequence, received
	}
	for i := range h.g.Findings {
		h.g.Findings[i].Sequence, h.g.Findings[i].Receive = sequence, received
	}
	h.g.Token = fmt.Sprintf("t/1/0/%d-%d/fleet", sequence, sequence)
	if err := s.InsertGroup(h.t.Context(), h.g); err != nil {
		h.t.Fatal(err)
	}
	h.g = store.Group{}
}

func fleetHub(t *testing.T, n int) *hub {
	t.Helper()
	s := storetest.Open(t)
	fill := &hospitalStore{t: t}
	for i := range n {
		fill.ofFleet(i)
		if i%2000 == 1999 || i == n-1 {
			fill.put(s, uint64(i+1), now.Add(-2*time.Hour))
		}
	}
	set, err := knowledge.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	ratings, err := exposure.LoadRatings()
	if err != nil {
		t.Fatal(err)
	}
	clock, log := func() time.Time { return now }, slog.New(slog.DiscardHandler)
	h := &hub{store: s, control: &control{}}
	h.control.sites = state.Sites{Sites: []state.Site{{ID: "north", Realm: "wan", Prefixes: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}, Departments: []state.Department{{Name: "icu", VLANs: []uint16{50}}}}}}
	h.keeper = live.New(live.DefaultConfig(), live.Deps{Reader: s, Writer: s, Knowledge: set, Vendor: maker.Vendor, Now: clock, Log: log})
	h.keeper.SetSites(h.control.sites)
	if err := h.keeper.Resolve(t.Context()); err != nil {
		t.Fatal(err)
	}
	serve(t, h, api.Deps{Store: s, Keeper: h.keeper, State: h.control, Fleet: sensors{}, Guard: access.New(access.Deps{Tokens: tokens{}, Now: clock}), Ratings: ratings, Now: clock, Log: log})
	return h
}

// best is the shortest of some tries: what the work takes when nobody else wants the processor.
func best(t *testing.T, tries int, do func() error) time.Duration {
	t.Helper()
	shortest := time.Hour
	for range tries {
		began := time.Now()
		if err := do(); err != nil {
			t.Fatal(err)
		}
		shortest = min(shortest, time.Since(began))
	}
	return shortest
}

func processor(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// fleetFilters ask by every field of a device, and by several.
var fleetFilters = []string{"", "site=north", "realm=wan", `category="medical"`, "type=infusion-pump", "vendor=Philips", `model="IntelliVue MX450"`, "os=*", "support=ended", "hostname=ws-0004*", "name=pump-00010",
	"ip=10.1.4.0/24", "mac=00:03:b1:00:00:0a", "vlan=50", "department=icu", "building=*", "service=hl7", "serial=SN000010", "firmware=*", "role=*", "label=*", "owner=*", "criticality=*", "asset=*", "register=*", "ephi=yes",
	"life_critical=yes", `category="medical" AND NOT type=infusion-pump AND vlan>30`, "pump-0001", `"plum a+" AND site=north`}

func fleetList(ctx context.Context, t *testing.T, c *client.Client) (string, time.Duration) {
	t.Helper()
	slowest, by := time.Duration(0), ""
	for _, f := range fleetFilters {
		took := best(t, 3, func() error {
			_, err := c.Devices.ListDevices(ctx, &hubv1.ListDevicesRequest{Filter: f})
			return err
		})
		if took > slowest {
			slowest, by = took, f
		}
	}
	return by, slowest
}

// TestFleet prints how long the analyst waits at a site of so many devices, and holds it against
// bounds: lists by any filter, a device's page, a minute's observations; and what a device takes.
func TestFleet(t *testing.T) {
	if testing.Short() {
		t.Skip("stores a fleet")
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	h := fleetHub(t, *stations)
	runtime.GC()
	runtime.ReadMemStats(&after)
	each := int64(after.HeapAlloc-before.HeapAlloc) / int64(*stations)
	snap := h.keeper.Current()
	if len(snap.Devices) != *stations {
		t.Fatalf("%d devices of %d", len(snap.Devices), *stations)
	}
	c := h.dial(t, secret)
	by, list := fleetList(t.Context(), t, c)
	page := time.Duration(0)
	for i := 0; i < len(snap.Devices); i += max(len(snap.Devices)/20, 1) {
		page = max(page, best(t, 3, func() error {
			_, err := c.Devices.GetDevice(t.Context(), &hubv1.GetDeviceRequest{Id: snap.Devices[i].ID})
			return err
		}))
	}
	minute, wall := time.Hour, time.Hour
	for n := range 3 { // claims are told again each hour
		more := &hospitalStore{t: t}
		for i := range *stations / 60 {
			more.ofFleet(n + 3*i)
		}
		more.put(h.store, uint64(*stations+n)+1, now.Add(time.Duration(n)*time.Minute))
		used := processor(t)
		wall = min(wall, best(t, 1, func() error { return h.keeper.Resolve(t.Context()) }))
		minute = min(minute, processor(t)-used)
	}
	t.Logf("%d devices, %d claims\n| what | measured | bound |\n| list of 100 by the slowest of %d filters (%s) | %v | %v |\n| page of a device, slowest of 20 | %v | %v |\n"+
		"| a minute's observations, processor time (wall %v) | %v | %v |\n| memory a device | %d kB | |\n| the same for %d devices | %.1f GB | |",
		*stations, snap.Totals.Observations, len(fleetFilters), cmp.Or(by, "none"), list.Round(time.Millisecond), listWithin, page.Round(time.Millisecond), pageWithin,
		wall.Round(time.Millisecond), minute.Round(time.Millisecond), minuteWithin, each/1000, system, float64(each)*system/1e9)
	if list > listWithin || page > pageWithin || minute > minuteWithin {
		t.Error("past a bound")
	}
}
