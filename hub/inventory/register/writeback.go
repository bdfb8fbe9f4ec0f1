package register

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/hub/state"
)

// written are the fields of a write-back, in order.
var written = []string{fieldID, FieldAsset, FieldSerial, FieldMAC, FieldHostname, FieldVendor, FieldModel, FieldFirmware, FieldLastSeen, FieldWhere}

// keys are the fields of which only empty ones are filled, since people's registers are keyed by them.
var keys = []string{fieldID, FieldAsset, FieldSerial, FieldMAC, FieldHostname, FieldVendor, FieldModel}

// WriteBack writes what the wire knows, as CSV in the register's own columns: a line for each
// matched entry, and with fresh one for each device that no register knows. Cells that a
// spreadsheet would take for a formula are defused.
func WriteBack(w io.Writer, reg *state.Register, r *Report, fresh bool) error {
	m, err := ReadMapping([]byte(reg.Mapping))
	if err != nil {
		return fmt.Errorf("write register %s back: %w", reg.Name, err)
	}
	fields, head := m.columns(reg)
	out := csv.NewWriter(w)
	out.Comma = []rune(m.Delimiter)[0]
	if err := out.Write(head); err != nil {
		return fmt.Errorf("write register %s back: %w", reg.Name, err)
	}
	line := func(f map[string]string, d *inventory.Device) error {
		row := make([]string, len(fields))
		for i, name := range fields {
			row[i] = defuse(cell(name, f, d))
		}
		return out.Write(row)
	}
	for i := range r.Matches {
		if x := &r.Matches[i]; x.Register == reg.Name && x.Device != nil {
			if err := line(x.Entry.Fields, x.Device); err != nil {
				return fmt.Errorf("write register %s back: %w", reg.Name, err)
			}
		}
	}
	if fresh {
		for _, d := range r.OnlyWire {
			if err := line(nil, d); err != nil {
				return fmt.Errorf("write register %s back: %w", reg.Name, err)
			}
		}
	}
	out.Flush()
	return out.Error()
}

// columns are the fields that the register has a column for, in the register's order, and the
// column's names.
func (m *Mapping) columns(reg *state.Register) (fields, head []string) {
	for _, f := range written {
		name := m.WriteBack[f]
		switch {
		case name != "":
		case reg.Format == FormatNetBox && slices.Contains(reg.Columns, f):
			name = f
		case reg.Format == FormatCSV:
			name = m.Columns[f]
		}
		if name != "" {
			fields, head = append(fields, f), append(head, name)
		}
	}
	return fields, head
}

func cell(name string, f map[string]string, d *inventory.Device) string {
	if v := f[name]; v != "" && slices.Contains(keys, name) {
		return v
	}
	switch name {
	case FieldMAC:
		if len(d.MACs) > 0 {
			return d.MACs[0].String()
		}
	case FieldHostname:
		return d.Hostname
	case FieldVendor:
		return d.Vendor
	case FieldModel:
		return d.Model
	case FieldSerial, FieldFirmware:
		return cmp.Or(cmp.Or(d.Field(name)...), f[name])
	case FieldLastSeen:
		return time.Unix(0, d.Last).UTC().Format(time.RFC3339)
	case FieldWhere:
		return where(d)
	}
	return f[name]
}

// where tells in words where a device is.
func where(d *inventory.Device) string {
	parts := []string{string(d.Site), d.Department}
	if len(d.VLANs) > 0 && d.VLANs[0] != 0 {
		parts = append(parts, fmt.Sprintf("VLAN %d", d.VLANs[0]))
	}
	if len(d.Addrs) > 0 {
		parts = append(parts, d.Addrs[0].String())
	}
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), ", ")
}

// defuse keeps a spreadsheet from running what a device calls itself.
func defuse(v string) string {
	if v != "" && strings.ContainsRune("=+-@\t\r", rune(v[0])) {
		return "'" + v
	}
	return v
}
