package api_test

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/internal/model"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

// stored is all that a store holds which evidence may lead back to.
type stored struct {
	claims    []store.Claim
	sightings []store.Sighting
	usages    []store.Usage
	decisions int
	registers []state.Register
	sites     state.Sites
}

func readStored(t *testing.T, h *hub) *stored {
	t.Helper()
	s := &stored{decisions: len(h.control.corrections), registers: h.control.registers, sites: h.control.sites}
	if err := h.store.Claims(t.Context(), store.ClaimFilter{}, func(c store.Claim) error { s.claims = append(s.claims, c); return nil }); err != nil {
		t.Fatal(err)
	}
	if err := h.store.Sightings(t.Context(), store.Scope{}, func(v store.Sighting) error { s.sightings = append(s.sightings, v); return nil }); err != nil {
		t.Fatal(err)
	}
	if err := h.store.Usages(t.Context(), store.Scope{}, func(u store.Usage) error { s.usages = append(s.usages, u); return nil }); err != nil {
		t.Fatal(err)
	}
	return s
}

// leadsBack reports whether evidence of a device is found in the store, and by which way.
func (s *stored) leadsBack(d *hubv1.Device, attribute string, e *hubv1.Evidence) (way string, ok bool) {
	source, _, _ := strings.Cut(e.GetSource(), " (rule ")
	protocol, _, _ := strings.Cut(source, ".")
	services := func(offers bool, name string) bool {
		return slices.ContainsFunc(s.usages, func(u store.Usage) bool {
			return u.Offers == offers && u.Service == name && slices.Contains(d.GetIps(), u.Addr.String())
		})
	}
	switch {
	case source == "flow.offers" || source == "flow.uses":
		return source, services(source == "flow.offers", e.GetValue())
	case source == "flow.offered":
		return source, !slices.ContainsFunc(strings.Fields(e.GetValue()), func(name string) bool { return !services(true, name) && !s.claimed(d, model.KindServiceOffered, name) })
	case source == "mac.oui":
		return source, slices.Contains(d.GetMacs(), e.GetMac()) && (slices.ContainsFunc(s.sightings, func(v store.Sighting) bool { return v.MAC.String() == e.GetMac() }) || s.heard(e.GetMac()))
	case source == "flow.forwards":
		n, err := strconv.Atoi(e.GetValue())
		seen := map[model.Addr]bool{}
		for _, v := range s.sightings {
			if v.MAC.String() == e.GetMac() {
				seen[v.Addr] = true
			}
		}
		return source, err == nil && n > 0 && len(seen) >= n
	case protocol == inventory.Decided:
		n, err := strconv.Atoi(strings.TrimSuffix(e.GetSource()[strings.LastIndex(e.GetSource(), "-")+1:], ")"))
		return protocol, err == nil && n >= 1 && n <= s.decisions
	case protocol == "register" || protocol == "mds2":
		return protocol, source == "register" || s.line(attribute, source, e)
	case source == "sites":
		return "sites " + strings.Fields(e.GetValue() + " ")[0][:1], s.declared(d, attribute, e.GetValue())
	}
	return "claim", slices.ContainsFunc(s.claims, func(c store.Claim) bool {
		return c.Source == source && c.Value == e.GetValue() && string(c.Site) == e.GetSite() && string(c.Realm) == e.GetRealm() && c.Subject.Addr.String() == e.GetIp() &&
			c.Subject.MAC.String() == e.GetMac() && !c.First.Before(e.GetFirstSeen().AsTime()) && !c.Last.After(e.GetLastSeen().AsTime()) && c.Count <= e.GetCount() &&
			!slices.ContainsFunc(c.Sensors, func(id model.SensorID) bool { return !slices.Contains(e.GetSensors(), string(id)) })
	})
}

// line reports the register's line that evidence names, if it says so.
func (s *stored) line(attribute, source string, e *hubv1.Evidence) bool {
	var n int
	_, rule, _ := strings.Cut(e.GetSource(), "(rule ")
	if _, err := fmt.Sscanf(rule, "line %d", &n); err != nil {
		return false
	}
	return slices.ContainsFunc(s.registers, func(r state.Register) bool {
		return source == "register."+r.Name && slices.ContainsFunc(r.Entries, func(x state.RegisterEntry) bool {
			return x.Line == n && (attribute == inventory.AttrRegister || slices.Contains(slices.Collect(maps.Values(x.Fields)), e.GetValue()))
		})
	})
}

// declared reports a declaration of the device's site that gives the attribute to where it is: a
// prefix that holds the address, or the VLAN.
func (s *stored) declared(d *hubv1.Device, attribute, by string) bool {
	value := ""
	for _, a := range d.GetAttributes() {
		if a.GetName() == attribute {
			value = a.GetValue()
		}
	}
	return slices.ContainsFunc(s.sites.Sites, func(x state.Site) bool {
		return string(x.ID) == d.GetSite() && slices.ContainsFunc(x.Departments, func(p state.Department) bool {
			if attribute == inventory.AttrDepartment && p.Name != value || attribute == inventory.AttrBuilding && p.Building != value {
				return false
			}
			a, err := netip.ParseAddr(by)
			held := err == nil && slices.Contains(d.GetIps(), by) && slices.ContainsFunc(p.Prefixes, func(n netip.Prefix) bool { return n.Contains(a) })
			return held || slices.ContainsFunc(p.VLANs, func(v uint16) bool { return by == fmt.Sprint("VLAN ", v) })
		})
	})
}

func (s *stored) claimed(d *hubv1.Device, kind model.Kind, value string) bool {
	return slices.ContainsFunc(s.claims, func(c store.Claim) bool {
		return c.Kind == kind && c.Value == value && slices.Contains(d.GetIps(), c.Subject.Addr.String())
	})
}

func (s *stored) heard(mac string) bool {
	return slices.ContainsFunc(s.claims, func(c store.Claim) bool { return c.Subject.MAC.String() == mac })
}

// TestEveryAttributeLeadsBack follows the evidence of every attribute of every device that the API
// shows to what the store holds.
func TestEveryAttributeLeadsBack(t *testing.T) {
	h := start(t)
	s := &hospitalStore{t: t}
	for _, v := range []struct {
		kind          model.Kind
		source, value string
	}{
		{model.KindVendor, "bacnet.vendor_id", "Philips"}, {model.KindModel, "snmp.sysDescr", "IntelliVue MX450"}, {model.KindFirmware, "snmp.firmware", "K.21.42"},
		{model.KindSerial, "intellivue.serial", "DE12345678"}, {model.KindLocation, "snmp.sysLocation", "ICU 3"}, {model.KindOS, "ntlmssp.os_version", "6.1.7601"},
		{model.KindOS, "smb.native_os", "Windows 10"}, {model.KindDomain, "ntlmssp.dns_domain", "ward.example"}, {model.KindSoftware, "http.server", "Apache/2.4.1"},
		{model.KindHardwareRevision, "lldp.med_hardware", "B"}, {model.KindBanner, "snmp.sysDescr", "Linux icu 5.10"}, {model.KindFingerprint, "dhcp.option60", "MSFT 5.0"},
		{model.KindServiceOffered, "upnp.device_type", "printer"}, {model.KindStack, "tcp.syn", "64240:64:1:60:M1460,S,T,N,W7"},
	} {
		for _, sensor := range []model.SiteID{"north", "south"} { // both hear it
			s.claim(sensor, 0x0003b1000001, "10.1.0.5", v.kind, v.source, v.value)
			s.g.Observations[len(s.g.Observations)-1].Sequence = 2
		}
	}
	s.g.Batches = []store.BatchRow{{Stamp: s.g.Observations[0].Stamp, SealedAt: now.UnixNano(), Version: "1.0"}}
	s.g.Token = "t/1/0/2-2/evidence"
	if err := h.store.InsertGroup(t.Context(), s.g); err != nil {
		t.Fatal(err)
	}
	if err := h.keeper.Resolve(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.control.sites.Sites[0].Departments[0].Building = "tower"
	h.control.sites.Sites[1].Departments = []state.Department{{Name: "archive", Building: "cellar", VLANs: []uint16{20}}}
	h.keeper.SetSites(h.control.sites)
	if err := h.keeper.Resolve(t.Context()); err != nil {
		t.Fatal(err)
	}
	c := h.dial(t, secret)
	ct := h.keeper.Current().At("wan", addr(t, "10.1.0.5"), 0, 0).ID
	if _, err := c.Corrections.CorrectDevice(t.Context(), &hubv1.CorrectDeviceRequest{Id: ct, Attribute: "owner", Value: "radiology", Reason: "told"}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Registers.ImportRegister(t.Context(), &hubv1.ImportRegisterRequest{Mapping: "register: biomed\nformat: csv\ncolumns: {mac: MAC, asset_tag: Tag, life_critical: Life}\n",
		Content: []byte("MAC,Tag,Life\n00:03:b1:00:00:02,A-17,yes\n")}); err != nil {
		t.Fatal(err)
	}
	held, ways, attributes := readStored(t, h), map[string]int{}, map[string]bool{}
	list, err := c.Devices.ListDevices(t.Context(), &hubv1.ListDevicesRequest{PageSize: 1000})
	if err != nil {
		t.Fatal(err)
	}
	for _, short := range list.GetDevices() {
		answer, err := c.Devices.GetDevice(t.Context(), &hubv1.GetDeviceRequest{Id: short.GetId()})
		if err != nil {
			t.Fatal(err)
		}
		d := answer.GetDevice()
		for _, a := range d.GetAttributes() {
			attributes[a.GetName()] = true
			if len(a.GetEvidence()) == 0 {
				t.Errorf("%s: %s = %q rests on nothing", d.GetName(), a.GetName(), a.GetValue())
			}
			for _, e := range a.GetEvidence() {
				way, ok := held.leadsBack(d, a.GetName(), e)
				if ways[way]++; !ok {
					t.Errorf("%s: %s = %q: %v leads nowhere", d.GetName(), a.GetName(), a.GetValue(), e)
				}
			}
		}
	}
	for _, way := range []string{"claim", "flow.offers", "flow.uses", inventory.Decided, "register", "sites 1", "sites V"} {
		if ways[way] == 0 {
			t.Errorf("no evidence by way of %s was followed: %v", way, ways)
		}
	}
	if len(attributes) < 14 {
		t.Errorf("only %d attributes were followed: %v", len(attributes), attributes)
	}
	// The test can fail: evidence that nobody stored leads nowhere.
	for _, e := range []*hubv1.Evidence{{Source: "snmp.sysName", Value: "made up"}, {Source: "flow.offers (rule x)", Value: "gopher"}, {Source: "decision (rule decision-99)"}, {Source: "register.none"},
		{Source: "mac.oui", Mac: "00:00:00:00:00:01"}, {Source: "flow.forwards", Value: "7"}, {Source: "register.biomed (rule line 99, matched by mac)", Value: "A-17"},
		{Source: "register.biomed (rule line 2, matched by mac)", Value: "A-18"}, {Source: "sites (rule declared)", Value: "VLAN 99"}, {Source: "sites (rule declared)", Value: "192.0.2.1"}} {
		if way, ok := held.leadsBack(list.GetDevices()[0], inventory.AttrBuilding, e); ok {
			t.Errorf("%v leads back by way of %s", e, way)
		}
	}
}
