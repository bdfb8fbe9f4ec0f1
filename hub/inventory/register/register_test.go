package register_test

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/hub/inventory/knowledge"
	"github.com/wardscope/wardscope/hub/inventory/register"
	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/internal/model"
)

func names(t testing.TB) *knowledge.Set {
	t.Helper()
	s, err := knowledge.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func load(t testing.TB, mapping string, raw []byte) (state.Register, int) {
	t.Helper()
	m, err := register.ReadMapping([]byte(mapping))
	if err != nil {
		t.Fatal(err)
	}
	columns, entries, empty, err := register.Read(&m, raw)
	if err != nil {
		t.Fatal(err)
	}
	return state.Register{Name: m.Register, Format: m.Format, Mapping: mapping, Columns: columns, Entries: entries}, empty
}

func file(t testing.TB, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func biomed(t testing.TB) state.Register {
	t.Helper()
	r, empty := load(t, string(file(t, "biomed.yaml")), file(t, "biomed.csv"))
	if len(r.Entries) != 7 || empty != 1 {
		t.Fatalf("%d entries, %d empty", len(r.Entries), empty)
	}
	return r
}

func device(id, site, mac, ip string, attrs ...string) inventory.Device {
	d := inventory.Device{ID: id, Name: id, Site: model.SiteID(site), Realm: "wan", VLANs: []uint16{30}}
	if m, err := model.ParseMAC(mac); err == nil {
		d.MACs = []model.MAC{m}
	}
	if a, err := model.ParseAddr(ip); err == nil {
		d.Addrs = []model.Addr{a}
	}
	for i := 0; i+1 < len(attrs); i += 2 {
		switch attrs[i] {
		case "vendor":
			d.Vendor = attrs[i+1]
		case "model":
			d.Model = attrs[i+1]
		case "hostname":
			d.Hostname = attrs[i+1]
		case "type":
			d.Type = attrs[i+1]
		}
		d.Attributes = append(d.Attributes, inventory.Attribute{Name: attrs[i], Value: attrs[i+1], Confidence: 0.9})
	}
	slices.SortFunc(d.Attributes, func(a, b inventory.Attribute) int { return strings.Compare(a.Name, b.Name) })
	return d
}

func wire() *inventory.Inventory {
	return &inventory.Inventory{Devices: []inventory.Device{
		device("d-1", "north", "00:03:b1:00:00:01", "10.1.0.1", "serial", "S100001", "vendor", "ICU Medical", "model", "Plum 360", "firmware", "15.10"),
		device("d-2", "north", "00:03:b1:00:00:02", "10.1.0.2", "serial", "S100003", "vendor", "ICU Medical", "model", "Plum 360", "firmware", "15.10"),
		device("d-3", "north", "00:09:5c:00:00:03", "10.1.0.3", "hostname", "ws-17"),
		device("d-4", "north", "00:09:5c:00:00:04", "10.1.0.9", "vendor", "Philips"),
		device("d-5", "south", "00:09:5c:00:00:05", "10.2.0.9", "hostname", "=cmd|x"),
		device("d-6", "east", "00:09:5c:00:00:06", "10.3.0.9"),
	}}
}

func lines(r *register.Report) (out []string) {
	for _, m := range r.Matches {
		id := ""
		if m.Device != nil {
			id = m.Device.ID
		}
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s %s %s %v", m.Entry.Fields["asset_tag"], m.Status, id, m.By, m.Against)))
	}
	return out
}

func TestHold(t *testing.T) {
	r := register.Hold(wire(), []state.Register{biomed(t)}, names(t))
	want := []string{
		"A-1 contradictory d-1 serial [line 8 of the register is the same device]",
		"A-2 contradictory d-2 mac [serial number: register says S-100002, the wire says S100003]",
		"A-3 both d-3 hostname []",
		"A-4 only in register   []", // the address is another maker's machine by now
		"A-5 register only, not observable   []",
		"A-6 only in register   []",
		"A-7 contradictory d-1 serial [site: register says south, the wire says north line 2 of the register is the same device]",
	}
	if diff := cmp.Diff(want, lines(r)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	var fresh []string
	for _, d := range r.OnlyWire {
		fresh = append(fresh, d.ID)
	}
	if diff := cmp.Diff([]string{"d-4", "d-5"}, fresh); diff != "" { // the register does not cover east
		t.Errorf("only on the wire (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]register.FieldChange{{Name: "firmware", Old: "15.02", New: "15.10"}}, r.Matches[0].Updates); diff != "" {
		t.Errorf("updates (-want +got):\n%s", diff)
	}
}

func TestCovers(t *testing.T) {
	reg := biomed(t)
	reg.Mapping += "covers: vendor=Philips\n"
	r := register.Hold(wire(), []state.Register{reg}, names(t))
	if len(r.OnlyWire) != 1 || r.OnlyWire[0].ID != "d-4" {
		t.Errorf("got %d devices only on the wire", len(r.OnlyWire))
	}
}

func TestASiteThatNobodyTranslatedContradictsNothing(t *testing.T) {
	reg, _ := load(t, "register: x\nformat: csv\ncolumns: {mac: MAC, site: Site}\n", []byte("MAC,Site\n00:03:b1:00:00:01,Main Campus\n"))
	if m := register.Hold(wire(), []state.Register{reg}, names(t)).Matches[0]; m.Status != register.Both {
		t.Errorf("got %v: %v", m.Status, m.Against)
	}
}

const form = `
register: mds2-plum
format: mds2
question: Question ID
answer: Answer
columns: {vendor: D-1, model: "=Plum 360", ephi: P-1}
`

func TestEnrich(t *testing.T) {
	mds2, _ := load(t, form, []byte("A form,,\nQuestion ID,Question,Answer\nD-1,Maker,\"Hospira, Inc.\"\nP-1,Keeps data of patients?,Yes\n"))
	inv := wire()
	register.Enrich(inv, []state.Register{biomed(t), mds2}, names(t))
	for _, c := range []struct{ device, attribute, want, source string }{
		{"d-1", "handles-ephi", "yes", "mds2.mds2-plum"}, {"d-1", "life-critical", "yes", "register.biomed"}, {"d-2", "asset-tag", "A-2", "register.biomed"},
		{"d-3", "owner", "it", "register.biomed"}, {"d-3", "register", "both", "register.biomed"}, {"d-4", "register", "to review", "register"},
		{"d-6", "register", "", ""}, {"d-3", "handles-ephi", "", ""},
	} {
		at := slices.IndexFunc(inv.Devices, func(d inventory.Device) bool { return d.ID == c.device })
		a := inv.Devices[at].Attribute(c.attribute)
		switch {
		case a == nil && c.want == "":
		case a == nil || a.Value != c.want || len(a.Evidence) == 0 || a.Evidence[0].Source != c.source || a.Evidence[0].Rule == "":
			t.Errorf("%s %s: got %+v, want %s by %s", c.device, c.attribute, a, c.want, c.source)
		}
	}
}

func TestDiff(t *testing.T) {
	before := biomed(t)
	text := strings.ReplaceAll(string(file(t, "biomed.csv")), "Plum 360;15.02", "Plum 360;15.10")
	text = strings.Replace(text, "A-6;", "A-8;", 1)
	after, _ := load(t, before.Mapping, []byte(text))
	want := []register.Change{
		{Key: "asset_tag=a-8", Line: 7, Kind: register.Added},
		{Key: "asset_tag=a-1", Line: 2, Kind: register.Changed, Fields: []register.FieldChange{{Name: "firmware", Old: "15.02", New: "15.10"}}},
		{Key: "asset_tag=a-6", Line: 7, Kind: register.Removed},
	}
	if diff := cmp.Diff(want, register.Diff(before.Entries, after.Entries)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if again := register.Diff(after.Entries, after.Entries); len(again) != 0 {
		t.Errorf("the same file again: %v", again)
	}
}

func TestWriteBack(t *testing.T) {
	reg := biomed(t)
	var out bytes.Buffer
	if err := register.WriteBack(&out, &reg, register.Hold(wire(), []state.Register{reg}, names(t)), true); err != nil {
		t.Fatal(err)
	}
	want := `Asset No;Serial;MAC;Host;Maker;Model;SW;Last on network;Location seen
A-1;S-100001;00:03:b1:00:00:01;;Hospira;Plum 360;15.10;1970-01-01T00:00:00Z;north, VLAN 30, 10.1.0.1
A-2;S-100002;00:03:b1:00:00:02;;Hospira;Plum 360;15.10;1970-01-01T00:00:00Z;north, VLAN 30, 10.1.0.2
A-3;;00:09:5c:00:00:03;ws-17;;;;1970-01-01T00:00:00Z;north, VLAN 30, 10.1.0.3
A-7;S-100001;00:03:b1:00:00:01;;Hospira;Plum 360;15.10;1970-01-01T00:00:00Z;north, VLAN 30, 10.1.0.1
;;00:09:5c:00:00:04;;Philips;;;1970-01-01T00:00:00Z;north, VLAN 30, 10.1.0.9
;;00:09:5c:00:00:05;'=cmd|x;;;;1970-01-01T00:00:00Z;south, VLAN 30, 10.2.0.9
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestNetBox(t *testing.T) {
	reg, _ := load(t, "register: dcim\nformat: netbox\ncolumns: {mac: custom_fields.mac}\n", []byte(`{"count":1,"next":null,"results":[{"id":5,"name":"pump-1","asset_tag":"A-1","serial":"S-100001",
		"device_type":{"model":"Plum 360","manufacturer":{"name":"Hospira"}},"site":{"slug":"north"},"primary_ip4":{"address":"10.1.0.1/24"},"tenant":null,
		"custom_fields":{"mac":"00:03:b1:00:00:01"}}]}`))
	want := map[string]string{"id": "5", "asset_tag": "A-1", "serial": "S-100001", "hostname": "pump-1", "vendor": "Hospira", "model": "Plum 360", "site": "north",
		"ip": "10.1.0.1", "mac": "00:03:b1:00:00:01"}
	if len(reg.Entries) != 1 {
		t.Fatalf("got %d entries", len(reg.Entries))
	}
	if diff := cmp.Diff(want, reg.Entries[0].Fields); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	var out bytes.Buffer
	if err := register.WriteBack(&out, &reg, register.Hold(wire(), []state.Register{reg}, names(t)), false); err != nil || out.String() != "id,asset_tag,serial\n5,A-1,S-100001\n" {
		t.Errorf("write-back: %v\n%s", err, out.String())
	}
}

func TestRefused(t *testing.T) {
	for _, c := range []struct{ name, mapping, file, want string }{
		{"unknown key", "register: x\nformat: csv\ncolums: {}\n", "", "colums"},
		{"unknown field", "register: x\nformat: csv\ncolumns: {sn: Serial}\n", "", "columns.sn"},
		{"no format", "register: x\n", "", "format"},
		{"covers nothing", "register: x\nformat: csv\ncolumns: {mac: MAC}\ncovers: 'categry=medical'\n", "", "covers"},
		{"column absent", "register: x\nformat: csv\ncolumns: {serial: Serial No}\n", "Serial,MAC\n", `no column "Serial No"; there are Serial, MAC`},
		{"one page of several", "register: x\nformat: netbox\n", `{"next":"https://x/?offset=50","results":[]}`, "one page of several"},
		{"question absent", "register: x\nformat: mds2\nquestion: 1\nanswer: 2\ncolumns: {vendor: =A, model: =B, ephi: P-9}\n", "P-1,yes\n", `no question "P-9"`},
		{"no JSON", "register: x\nformat: netbox\n", `nothing`, "invalid character"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := register.ReadMapping([]byte(c.mapping))
			if err == nil {
				_, _, _, err = register.Read(&m, []byte(c.file))
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	csvMap, boxMap, formMap := "register: x\nformat: csv\ncolumns: {serial: Serial, mac: MAC}\n", "register: x\nformat: netbox\n", form
	f.Add("Serial,MAC\n1,2\n")
	f.Add(`[{"id":1,"serial":"x"}]`)
	f.Add("Question ID,Answer\nD-1,x\nP-1,yes\n")
	f.Fuzz(func(t *testing.T, raw string) {
		for _, text := range []string{csvMap, boxMap, formMap} {
			m, err := register.ReadMapping([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			_, entries, _, err := register.Read(&m, []byte(raw))
			if err != nil {
				continue
			}
			for _, e := range entries {
				for name, v := range e.Fields {
					if len(v) > model.MaxText {
						t.Errorf("%s has %d bytes", name, len(v))
					}
				}
			}
		}
	})
}
