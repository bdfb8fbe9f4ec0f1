package exposure

import (
	"slices"
	"strings"

	"github.com/wardscope/wardscope/hub/exposure/advisory"
	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/internal/model"
)

// maxNamed is how many weaknesses of an advisory a finding names.
const maxNamed = 3

// ProductOf is what an advisory or recall notice is held against.
func ProductOf(d *inventory.Device) advisory.Product {
	p := advisory.Product{Vendor: d.Vendor, Model: d.Model, OS: d.OS}
	if a := d.Attribute(inventory.AttrFirmware); a != nil {
		p.Firmware = a.Value
	}
	if a := d.Attribute(inventory.AttrSerial); a != nil {
		p.Serial = a.Value
	}
	return p
}

// advisories tells which devices published advisories concern. Like products are matched once.
func advisories(inv *inventory.Inventory, pack *advisory.Pack) []Finding {
	if pack == nil {
		var err error
		if pack, err = advisory.Builtin(); err != nil {
			return nil // the pack is part of the program and read by its tests
		}
	}
	known := map[advisory.Product][]advisory.Hit{}
	var out []Finding
	for i := range inv.Devices {
		d := &inv.Devices[i]
		p := ProductOf(d)
		p.Serial = ""
		if p.Model == "" && p.OS == "" {
			continue
		}
		hits, ok := known[p]
		if !ok {
			hits = pack.Match(p)
			known[p] = hits
		}
		for j := range hits {
			out = append(out, advisoryFinding(d, &hits[j]))
		}
	}
	return out
}

func advisoryFinding(d *inventory.Device, h *advisory.Hit) Finding {
	a := d.Attribute(inventory.AttrModel)
	if a == nil || strings.HasPrefix(h.Reason, "it runs ") {
		a = d.Attribute(inventory.AttrOS)
	}
	f := deviceFinding(d, model.FindingKnownVulnerability, "advisory."+h.Advisory, a)
	if firmware := d.Attribute(inventory.AttrFirmware); firmware != nil && h.Affected() {
		f.Evidence = slices.Concat(f.Evidence, firmware.Evidence)
	}
	f.Detail = h.Certainty.String() + ": " + h.Advisory + " " + strings.Join(h.CVEs[:min(len(h.CVEs), maxNamed)], " ")
	if len(h.CVEs) > maxNamed {
		f.Detail += " …"
	}
	if h.Exploited {
		f.Detail += "; known exploited"
	}
	if !h.Fixed {
		f.Detail += "; no fix from the maker"
	}
	// A comma parts the details of joined findings.
	f.Detail = strings.ReplaceAll(f.Detail+"; "+h.Reason+"; as of "+h.AsOf, ", ", " ")
	return f
}
