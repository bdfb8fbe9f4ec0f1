package register

import (
	"cmp"
	"slices"
	"strings"

	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/hub/inventory/filter"
	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/internal/model"
)

// Status is how an entry and the wire agree.
type Status uint8

// The states.
const (
	Both          Status = iota // in both, and nothing speaks against it
	Contradictory               // in both, but they disagree, or two entries claim one device
	OnlyRegister                // nothing on the wire is it
	NotObservable               // in the register only, and by its connection no sensor can see it
)

var statusNames = [...]string{"both", "contradictory", "only in register", "register only, not observable"}

// String is what people read.
func (s Status) String() string {
	if int(s) < len(statusNames) {
		return statusNames[s]
	}
	return statusNames[OnlyRegister]
}

// Match is one entry with what it was found to be.
type Match struct {
	Register string
	Entry    *state.RegisterEntry
	Status   Status
	Device   *inventory.Device // nil unless matched
	By       string            // field that matched, the surest
	Quality  float64           // what the match is worth, 0 to 1
	Against  []string          // what contradicts, in words
	Updates  []FieldChange     // what the wire knows newer or besides: Old is the register's
}

// Report is registers held against an inventory.
type Report struct {
	Matches []Match // in the order of registers and lines
	// OnlyWire lists devices that no register knows, where one covers their site: they are to be reviewed.
	OnlyWire []*inventory.Device

	byDevice map[string][]int // into Matches
}

// Names knows how makers and placeholders are written; package knowledge does.
type Names interface {
	Vendor(raw string) string
	Placeholder(v string) bool
	// Category is the category of a device type, "" when there is no such type.
	Category(typ string) string
}

// worth is what a match by a field is worth.
var worth = map[string]float64{FieldSerial: 0.95, FieldMAC: 0.95, FieldHostname: 0.8, FieldIP: 0.6}

// index finds devices by what registers know of them.
type index struct {
	names Names
	sites map[string]bool                           // where there are devices: another name is one that nobody translated
	empty map[string]bool                           // what was asked before: names tell by patterns, which are slow
	by    map[string]map[string][]*inventory.Device // field → normal form → devices
}

func newIndex(inv *inventory.Inventory, names Names) *index {
	x := &index{names: names, sites: map[string]bool{}, empty: map[string]bool{}, by: map[string]map[string][]*inventory.Device{FieldSerial: {}, FieldMAC: {}, FieldHostname: {}, FieldIP: {}}}
	for i := range inv.Devices {
		d := &inv.Devices[i]
		x.sites[string(d.Site)] = d.Site != ""
		for _, m := range d.MACs {
			x.add(FieldMAC, m.String(), d)
		}
		if len(d.Addrs) > 0 {
			x.add(FieldIP, d.Addrs[0].String(), d) // older addresses may be another's by now
		}
		x.add(FieldHostname, d.Hostname, d)
		for _, v := range d.Field("serial") {
			x.add(FieldSerial, v, d)
		}
	}
	return x
}

func (x *index) add(field, value string, d *inventory.Device) {
	if k := x.normal(field, value); k != "" {
		x.by[field][k] = append(x.by[field][k], d)
	}
}

var serialMarks = strings.NewReplacer("-", "", " ", "", ":", "", "/", "")

// placeholder reports a value that stands for none.
func (x *index) placeholder(v string) bool {
	told, ok := x.empty[v]
	if !ok {
		told = x.names.Placeholder(v)
		x.empty[v] = told
	}
	return told
}

// minSerial is how short a serial number may be and still tell one machine from another.
const minSerial = 4

// normal is the form in which two spellings are one; "" when the value tells nothing.
func (x *index) normal(field, v string) string {
	v = strings.ToLower(strings.TrimSpace(v))
	if v == "" {
		return ""
	}
	switch field {
	case FieldMAC:
		m, err := model.ParseMAC(v)
		if err != nil || m == 0 {
			return ""
		}
		return m.String()
	case FieldIP:
		a, err := model.ParseAddr(v)
		if err != nil {
			return ""
		}
		return a.String()
	case FieldHostname:
		v, _, _ = strings.Cut(v, ".")
		if x.placeholder(v) {
			return ""
		}
	case FieldSerial:
		if x.placeholder(v) {
			return ""
		}
		v = strings.TrimLeft(serialMarks.Replace(v), "0")
		if len(v) < minSerial || !strings.ContainsAny(v, "0123456789") {
			return ""
		}
	}
	return v
}

// Hold holds registers against an inventory. A maker's disclosure is no register of devices and
// is left to Enrich.
func Hold(inv *inventory.Inventory, registers []state.Register, names Names) *Report {
	x := newIndex(inv, names)
	r := &Report{byDevice: map[string][]int{}}
	var covers []cover
	for i := range registers {
		reg := &registers[i]
		m, err := ReadMapping([]byte(reg.Mapping))
		if err != nil || reg.Format == FormatMDS2 {
			continue // the mapping was checked when it was imported
		}
		c := cover{sites: map[string]bool{}}
		c.filter, _ = filter.Parse(m.Covers, inventory.Schema) // ReadMapping checked it
		for j := range reg.Entries {
			e := &reg.Entries[j]
			c.sites[e.Fields[FieldSite]] = true
			r.Matches = append(r.Matches, x.match(reg.Name, &m, e))
		}
		covers = append(covers, c)
	}
	r.link()
	for i := range inv.Devices {
		d := &inv.Devices[i]
		if len(r.byDevice[d.ID]) == 0 && slices.ContainsFunc(covers, func(c cover) bool { return c.holds(d) }) {
			r.OnlyWire = append(r.OnlyWire, d)
		}
	}
	return r
}

// cover is what ought to be in a register.
type cover struct {
	sites  map[string]bool // that its entries name; "" when one names none: then it covers all
	filter *filter.Filter
}

func (c *cover) holds(d *inventory.Device) bool {
	return (c.sites[""] || c.sites[string(d.Site)]) && c.filter.Match(d.Field)
}

// link notes which entries a device has, and entries that claim one device twice.
func (r *Report) link() {
	for i := range r.Matches {
		if d := r.Matches[i].Device; d != nil {
			r.byDevice[d.ID] = append(r.byDevice[d.ID], i)
		}
	}
	for _, at := range r.byDevice {
		for _, i := range at {
			m := &r.Matches[i]
			for _, j := range at {
				if other := &r.Matches[j]; i != j && other.Register == m.Register {
					m.Status = Contradictory
					m.Against = append(m.Against, "line "+itoa(other.Entry.Line)+" of the register is the same device")
				}
			}
		}
	}
}

// match finds the device that an entry is about, by the surest field first.
func (x *index) match(register string, m *Mapping, e *state.RegisterEntry) Match {
	out := Match{Register: register, Entry: e, Status: OnlyRegister}
	if m.hidden(e.Fields) {
		out.Status = NotObservable
	}
	for _, field := range []string{FieldSerial, FieldMAC, FieldHostname, FieldIP} {
		d, many := x.find(field, e.Fields)
		switch {
		case many > 1:
			out.Against = append(out.Against, field+" "+e.Fields[field]+" is on "+itoa(many)+" devices")
		case d == nil:
		case out.Device == nil:
			if field == FieldIP && x.other(e.Fields, d) {
				continue // an address changes hands; another maker's machine has it now
			}
			out.Device, out.By, out.Quality = d, field, worth[field]
		case d != out.Device && worth[field] >= worth[FieldMAC]:
			out.Against = append(out.Against, field+" "+e.Fields[field]+" is "+d.Name+" ("+d.ID+"), "+out.By+" is "+out.Device.Name)
		case d == out.Device:
			out.Quality = 1 - (1-out.Quality)*(1-worth[field])
		}
	}
	if out.Device == nil {
		return out
	}
	out.Status = Both
	x.compare(&out)
	if len(out.Against) > 0 {
		out.Status = Contradictory
	}
	return out
}

// find is the one device with the entry's value of a field; within the entry's site where several have it.
func (x *index) find(field string, f map[string]string) (*inventory.Device, int) {
	ds := x.by[field][x.normal(field, f[field])]
	if len(ds) > 1 && x.sites[f[FieldSite]] {
		ds = slices.DeleteFunc(slices.Clone(ds), func(d *inventory.Device) bool { return string(d.Site) != f[FieldSite] })
	}
	if len(ds) == 1 {
		return ds[0], 1
	}
	return nil, len(ds)
}

// other reports that the entry names another maker than the device's.
func (x *index) other(f map[string]string, d *inventory.Device) bool {
	return f[FieldVendor] != "" && d.Vendor != "" && !x.sameVendor(f[FieldVendor], d.Vendor)
}

func (x *index) sameVendor(a, b string) bool {
	a, b = strings.ToLower(x.names.Vendor(a)), strings.ToLower(x.names.Vendor(b))
	return a == b || strings.HasPrefix(a, b+" ") || strings.HasPrefix(b, a+" ")
}

// SameModel reports that two spellings name one model: one begins with the words of the other.
func SameModel(a, b string) bool {
	x, y := words(a), words(b)
	if len(x) > len(y) {
		x, y = y, x
	}
	return len(x) > 0 && slices.Equal(x, y[:len(x)])
}

func words(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return strings.ContainsRune(" -_/.,()", r) })
}

// compare tells where entry and device disagree, and what the device knows besides.
func (x *index) compare(m *Match) {
	f, d := m.Entry.Fields, m.Device
	against := func(what, mine, theirs string) {
		m.Against = append(m.Against, what+": register says "+mine+", the wire says "+theirs)
	}
	if x.other(f, d) {
		against("vendor", f[FieldVendor], d.Vendor)
	}
	if f[FieldModel] != "" && d.Model != "" && !SameModel(f[FieldModel], d.Model) && !SameModel(f[FieldVendor]+" "+f[FieldModel], d.Model) {
		against("model", f[FieldModel], d.Model)
	}
	if x.names.Category(f[FieldType]) != "" && d.Type != "" && f[FieldType] != d.Type {
		against("type", f[FieldType], d.Type)
	}
	if x.sites[f[FieldSite]] && d.Site != "" && f[FieldSite] != string(d.Site) {
		against("site", f[FieldSite], string(d.Site))
	}
	serial := cmp.Or(d.Field("serial")...)
	if a, b := x.normal(FieldSerial, f[FieldSerial]), x.normal(FieldSerial, serial); a != "" && b != "" && a != b {
		against("serial number", f[FieldSerial], serial)
	}
	var macs []string
	for _, v := range d.MACs {
		if !v.IsLocal() {
			macs = append(macs, v.String())
		}
	}
	mac := x.normal(FieldMAC, f[FieldMAC])
	if mac != "" && len(macs) > 0 && !slices.Contains(macs, mac) {
		against("link address", mac, strings.Join(macs, " "))
	}
	if f[FieldSerial] == "" && serial != "" {
		m.Updates = append(m.Updates, FieldChange{FieldSerial, "", serial})
	}
	if mac == "" && len(macs) > 0 {
		m.Updates = append(m.Updates, FieldChange{FieldMAC, f[FieldMAC], macs[0]})
	}
	if v := cmp.Or(d.Field("firmware")...); v != "" && !strings.EqualFold(v, f[FieldFirmware]) {
		m.Updates = append(m.Updates, FieldChange{FieldFirmware, f[FieldFirmware], v})
	}
}
