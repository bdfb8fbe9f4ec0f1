package register

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/hub/inventory/filter"
)

// Formats of files.
const (
	FormatCSV    = "csv"
	FormatNetBox = "netbox" // what /api/dcim/devices/ answers, or its list of results
	FormatMDS2   = "mds2"   // one form saved as CSV: a question a line
)

// Fields that an entry may have.
const (
	FieldAsset        = "asset_tag"
	FieldSerial       = "serial"
	FieldMAC          = "mac"
	FieldIP           = "ip"
	FieldHostname     = "hostname"
	FieldVendor       = "vendor"
	FieldModel        = "model"
	FieldFirmware     = "firmware"
	FieldType         = "type"
	FieldSite         = "site"
	FieldDepartment   = "department"
	FieldLocation     = "location"
	FieldOwner        = "owner"
	FieldCriticality  = "criticality"
	FieldEPHI         = "ephi"
	FieldLifeCritical = "life_critical"
	FieldPatchable    = "patchable"  // the owner may install patches: CSUP of MDS2
	FieldConnection   = "connection" // how it is connected, for not_observable
	FieldLastSeen     = "last_seen"  // written back only
	FieldWhere        = "where"      // written back only
	fieldID           = "id"         // NetBox's own number, kept for the write-back
)

var fields = []string{FieldAsset, FieldSerial, FieldMAC, FieldIP, FieldHostname, FieldVendor, FieldModel, FieldFirmware, FieldType, FieldSite, FieldDepartment,
	FieldLocation, FieldOwner, FieldCriticality, FieldEPHI, FieldLifeCritical, FieldPatchable, FieldConnection, FieldLastSeen, FieldWhere}

// Mapping says what the columns of a file mean.
type Mapping struct {
	Register  string            `yaml:"register"`  // name; an import under the same name replaces the last
	Format    string            `yaml:"format"`    // csv, netbox, mds2
	Delimiter string            `yaml:"delimiter"` // of CSV; default a comma
	Columns   map[string]string `yaml:"columns"`   // field → column; NetBox: field → path; MDS2: field → question id
	// Values translates what stands in a column, by field: "Main Campus" → north. Case does not matter.
	Values map[string]map[string]string `yaml:"values"`
	// WriteBack names columns of the write-back that differ from Columns, by field.
	WriteBack map[string]string `yaml:"write_back"`
	// Covers is a filter over devices that ought to be in the register, such as category="medical";
	// empty means all of the sites that it names.
	Covers string `yaml:"covers"`
	// NotObservable lists values of the field connection of things that no sensor can see.
	NotObservable []string `yaml:"not_observable"`
	// Question and Answer name the columns of an MDS2 form; numbers from 1 where it has no header.
	Question string `yaml:"question"`
	Answer   string `yaml:"answer"`
}

// ReadMapping reads a mapping file and reports all faults at once.
func ReadMapping(text []byte) (Mapping, error) {
	var m Mapping
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(&m); err != nil {
		return m, fmt.Errorf("read mapping: %w", err)
	}
	var errs []error
	if m.Register == "" {
		errs = append(errs, errors.New("register: is empty; give the register a name such as biomed"))
	}
	if !slices.Contains([]string{FormatCSV, FormatNetBox, FormatMDS2}, m.Format) {
		errs = append(errs, fmt.Errorf("format: %q is not known; use csv, netbox or mds2", m.Format))
	}
	if m.Delimiter == "" {
		m.Delimiter = ","
	}
	if r := []rune(m.Delimiter); len(r) != 1 || strings.ContainsAny(m.Delimiter, "\"\r\n") {
		errs = append(errs, fmt.Errorf("delimiter: %q is not one character", m.Delimiter))
	}
	for f := range m.Columns {
		if f == FieldLastSeen || f == FieldWhere {
			errs = append(errs, fmt.Errorf("columns.%s: is only written back; name its column under write_back", f))
		}
		if !slices.Contains(fields, f) {
			errs = append(errs, fmt.Errorf("columns.%s: is no field; use %s", f, strings.Join(fields, ", ")))
		}
	}
	for f := range m.WriteBack {
		if !slices.Contains(fields, f) {
			errs = append(errs, fmt.Errorf("write_back.%s: is no field; use %s", f, strings.Join(fields, ", ")))
		}
	}
	for f := range m.Values {
		if !slices.Contains(fields, f) {
			errs = append(errs, fmt.Errorf("values.%s: is no field; use %s", f, strings.Join(fields, ", ")))
		}
	}
	if _, err := filter.Parse(m.Covers, inventory.Schema); err != nil {
		errs = append(errs, fmt.Errorf("covers: %w", err))
	}
	if m.Format == FormatCSV && len(m.Columns) == 0 {
		errs = append(errs, errors.New("columns: is empty; say which column is the serial number, the MAC address and so on"))
	}
	if m.Format == FormatMDS2 {
		for _, f := range []string{FieldVendor, FieldModel} {
			if m.Columns[f] == "" {
				errs = append(errs, fmt.Errorf("columns.%s: is empty; give the id of the form's question that answers it, or the text itself after a '='", f))
			}
		}
	}
	return m, errors.Join(errs...)
}

// translate applies the mapping's values to what stands in a column.
func (m *Mapping) translate(field, value string) string {
	value = strings.TrimSpace(value)
	for from, to := range m.Values[field] {
		if strings.EqualFold(from, value) {
			return to
		}
	}
	if field == FieldEPHI || field == FieldLifeCritical || field == FieldPatchable {
		return yesNo(value)
	}
	return value
}

// yesNo reads an answer; "" when it says neither.
func yesNo(v string) string {
	switch strings.ToLower(v) {
	case "yes", "y", "true", "1", "x":
		return "yes"
	case "no", "n", "false", "0":
		return "no"
	}
	return ""
}

// hidden reports an entry that no sensor can see.
func (m *Mapping) hidden(f map[string]string) bool {
	return f[FieldConnection] != "" && slices.ContainsFunc(m.NotObservable, func(v string) bool { return strings.EqualFold(v, f[FieldConnection]) })
}
