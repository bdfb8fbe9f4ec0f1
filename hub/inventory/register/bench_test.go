package register_test

import (
	"fmt"
	"testing"

	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/hub/inventory/register"
	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/internal/model"
)

// BenchmarkEnrich holds a register of 20,000 entries and 50 makers' forms against a site of
// 20,000 devices, as every resolution does.
func BenchmarkEnrich(b *testing.B) {
	const size = 20_000
	set := names(b)
	mapping := "register: biomed\nformat: csv\ncolumns: {serial: Serial, mac: MAC}\ncovers: category=medical\n"
	regs := []state.Register{{Name: "biomed", Format: register.FormatCSV, Mapping: mapping}}
	devices := make([]inventory.Device, size)
	for i := range devices {
		mac := model.MAC(0x0003b1000000 + i)
		devices[i] = inventory.Device{ID: fmt.Sprint("d-", i), Site: "north", Realm: "wan", Category: "medical", Vendor: fmt.Sprint("Maker ", i%40), Model: fmt.Sprint("Pump ", i%400),
			Hostname: fmt.Sprint("pump-", i), MACs: []model.MAC{mac}, Addrs: []model.Addr{model.AddrFrom4([]byte{10, 0, byte(i >> 8), byte(i)})},
			Attributes: []inventory.Attribute{{Name: "serial", Value: fmt.Sprint("S-1", i+10_000)}}}
		regs[0].Entries = append(regs[0].Entries, state.RegisterEntry{Line: i + 2, Fields: map[string]string{"asset_tag": fmt.Sprint("A-", i), "serial": fmt.Sprint("S1", i+10_000),
			"mac": mac.String(), "vendor": fmt.Sprint("Maker ", i%40), "model": fmt.Sprint("Pump ", i%400), "site": "north", "owner": "biomed"}})
	}
	for i := range 50 {
		regs = append(regs, state.Register{Name: fmt.Sprint("form-", i), Format: register.FormatMDS2, Entries: []state.RegisterEntry{{Line: 1,
			Fields: map[string]string{"vendor": fmt.Sprint("Maker ", i%40), "model": fmt.Sprint("Pump ", i), "ephi": "yes"}}}})
	}
	for b.Loop() {
		inv := &inventory.Inventory{Devices: make([]inventory.Device, size)}
		copy(inv.Devices, devices)
		for i := range inv.Devices {
			inv.Devices[i].Attributes = append([]inventory.Attribute(nil), devices[i].Attributes...)
		}
		if r := register.Enrich(inv, regs, set); len(r.Matches) != size || len(r.OnlyWire) != 0 || r.Matches[7].Status != register.Both {
			b.Fatalf("%d matches, %d only on the wire, %v", len(r.Matches), len(r.OnlyWire), r.Matches[7])
		}
	}
}
