package register

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/internal/model"
)

// Bounds of a file.
const (
	maxEntries = 250_000
	maxColumns = 512
)

// Read reads a file by its mapping. Entries without anything to match by are left out and
// counted in empty.
func Read(m *Mapping, raw []byte) (columns []string, entries []state.RegisterEntry, empty int, err error) {
	raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	switch m.Format {
	case FormatNetBox:
		columns, entries, err = m.readNetBox(raw)
	case FormatMDS2:
		entries, err = m.readMDS2(raw)
	default:
		columns, entries, err = m.readCSV(raw)
	}
	if err != nil {
		return nil, nil, 0, fmt.Errorf("read register: %w", err)
	}
	all := len(entries)
	entries = slices.DeleteFunc(entries, func(e state.RegisterEntry) bool { return m.Format != FormatMDS2 && keyOf(e.Fields) == "" })
	return columns, entries, all - len(entries), nil
}

func (m *Mapping) rows(raw []byte) *csv.Reader {
	r := csv.NewReader(bytes.NewReader(raw))
	r.Comma = []rune(m.Delimiter)[0]
	r.FieldsPerRecord = -1
	r.LazyQuotes = true
	return r
}

// next reads a row; ok is false at the end.
func next(r *csv.Reader, n int) (row []string, ok bool, err error) {
	row, err = r.Read()
	switch {
	case errors.Is(err, io.EOF):
		return nil, false, nil
	case err != nil:
		return nil, false, err
	case n >= maxEntries:
		return nil, false, fmt.Errorf("more than %d lines", maxEntries)
	case len(row) > maxColumns:
		return nil, false, fmt.Errorf("more than %d columns", maxColumns)
	}
	for i := range row {
		row[i] = model.Text(row[i])
	}
	return row, true, nil
}

func (m *Mapping) readCSV(raw []byte) ([]string, []state.RegisterEntry, error) {
	r := m.rows(raw)
	head, ok, err := next(r, 0)
	if err != nil || !ok {
		return nil, nil, errors.Join(errors.New("the first line must name the columns"), err)
	}
	at := map[string]int{}
	var missing []error
	for field, column := range m.Columns {
		i := slices.IndexFunc(head, func(h string) bool { return strings.EqualFold(strings.TrimSpace(h), column) })
		if i < 0 {
			missing = append(missing, fmt.Errorf("columns.%s: there is no column %q; there are %s", field, column, strings.Join(head, ", ")))
			continue
		}
		at[field] = i
	}
	if len(missing) > 0 {
		return nil, nil, errors.Join(missing...)
	}
	var out []state.RegisterEntry
	for {
		row, ok, err := next(r, len(out))
		if err != nil || !ok {
			return head, out, err
		}
		line, _ := r.FieldPos(0)
		e := state.RegisterEntry{Line: line, Fields: map[string]string{}}
		for field, i := range at {
			if i < len(row) {
				m.put(e.Fields, field, row[i])
			}
		}
		out = append(out, e)
	}
}

func (m *Mapping) put(into map[string]string, field, value string) {
	if v := m.translate(field, value); v != "" {
		into[field] = v
	}
}

// netBoxPaths are where NetBox's REST API keeps the fields of a device; newer versions say role
// where older ones said device_role.
var netBoxPaths = []struct{ field, path string }{
	{fieldID, "id"}, {FieldAsset, "asset_tag"}, {FieldSerial, "serial"}, {FieldHostname, "name"}, {FieldIP, "primary_ip4.address"}, {FieldIP, "primary_ip.address"},
	{FieldVendor, "device_type.manufacturer.name"}, {FieldModel, "device_type.model"}, {FieldSite, "site.slug"},
	{FieldLocation, "location.name"}, {FieldOwner, "tenant.name"},
}

func (m *Mapping) readNetBox(raw []byte) ([]string, []state.RegisterEntry, error) {
	var devices []map[string]any
	var page struct {
		Results []map[string]any `json:"results"`
		Next    *string          `json:"next"`
	}
	if err := json.Unmarshal(raw, &devices); err != nil {
		if err := json.Unmarshal(raw, &page); err != nil {
			return nil, nil, err
		}
		if page.Next != nil && *page.Next != "" {
			return nil, nil, errors.New("the file is one page of several: put all devices into one file")
		}
		devices = page.Results
	}
	if len(devices) > maxEntries {
		return nil, nil, fmt.Errorf("more than %d devices", maxEntries)
	}
	var out []state.RegisterEntry
	for i, d := range devices {
		e := state.RegisterEntry{Line: i + 1, Fields: map[string]string{}}
		for _, p := range netBoxPaths {
			if e.Fields[p.field] == "" && m.Columns[p.field] == "" {
				m.put(e.Fields, p.field, path(d, p.path))
			}
		}
		for field, p := range m.Columns {
			m.put(e.Fields, field, path(d, p))
		}
		if ip, _, ok := strings.Cut(e.Fields[FieldIP], "/"); ok {
			e.Fields[FieldIP] = ip
		}
		out = append(out, e)
	}
	return []string{"id", "asset_tag", "serial"}, out, nil
}

// path reads a value below a JSON object, as text.
func path(d map[string]any, p string) string {
	var v any = d
	for part := range strings.SplitSeq(p, ".") {
		m, ok := v.(map[string]any)
		if !ok {
			return ""
		}
		v = m[part]
	}
	switch v := v.(type) {
	case string:
		return model.Text(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

// readMDS2 reads one form: a line a question. It makes one entry, which is about every device of
// the model.
func (m *Mapping) readMDS2(raw []byte) ([]state.RegisterEntry, error) {
	r := m.rows(raw)
	question, answer := 0, -1
	answers := map[string]string{}
	for n := 0; ; n++ {
		row, ok, err := next(r, n)
		if err != nil {
			return nil, err
		}
		if !ok {
			break
		}
		if i, j := column(row, m.Question), column(row, m.Answer); i >= 0 && j >= 0 {
			question, answer = i, j
			if _, number := strconv.Atoi(m.Question); number != nil {
				continue // the line that names the columns
			}
		}
		if answer >= 0 && question < len(row) && answer < len(row) {
			answers[strings.ToUpper(strings.TrimSpace(row[question]))] = row[answer]
		}
	}
	if answer < 0 {
		return nil, fmt.Errorf("no line names the columns %q and %q", m.Question, m.Answer)
	}
	e := state.RegisterEntry{Line: 1, Fields: map[string]string{}}
	var missing []error
	for field, id := range m.Columns {
		if text, literal := strings.CutPrefix(id, "="); literal {
			m.put(e.Fields, field, text)
			continue
		}
		v, ok := answers[strings.ToUpper(strings.TrimSpace(id))]
		if !ok {
			missing = append(missing, fmt.Errorf("columns.%s: the form has no question %q", field, id))
		}
		m.put(e.Fields, field, v)
	}
	if err := errors.Join(missing...); err != nil {
		return nil, err
	}
	if e.Fields[FieldVendor] == "" || e.Fields[FieldModel] == "" {
		return nil, errors.New("the form does not answer which maker and model it is about")
	}
	return []state.RegisterEntry{e}, nil
}

// column finds a column by its name, or by its number from 1.
func column(row []string, name string) int {
	if n, err := strconv.Atoi(name); err == nil {
		if n >= 1 && n <= len(row) {
			return n - 1
		}
		return -1
	}
	return slices.IndexFunc(row, func(h string) bool { return name != "" && strings.EqualFold(strings.TrimSpace(h), name) })
}
