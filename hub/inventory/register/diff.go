package register

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/wardscope/wardscope/hub/state"
)

// keyOf is what an entry is known by within its register: asset tag, else serial number, link
// address, host name, address.
func keyOf(f map[string]string) string {
	for _, name := range []string{FieldAsset, FieldSerial, FieldMAC, FieldHostname, FieldIP} {
		if f[name] != "" {
			return name + "=" + strings.ToLower(f[name])
		}
	}
	return ""
}

// Change is what became of an entry between two imports.
type Change struct {
	Key    string
	Line   int // in the newer file; in the older one for what was removed
	Kind   string
	Fields []FieldChange // of a changed entry, by name
}

// Kinds of change.
const (
	Added   = "added"
	Removed = "removed"
	Changed = "changed"
)

// FieldChange is one field's old and new value.
type FieldChange struct{ Name, Old, New string }

// Diff tells how an import differs from the one before, in the order of keys.
func Diff(before, after []state.RegisterEntry) []Change {
	old, now := byKey(before), byKey(after)
	var out []Change
	for key, e := range now {
		was, ok := old[key]
		if !ok {
			out = append(out, Change{Key: key, Line: e.Line, Kind: Added})
			continue
		}
		if fs := differ(was.Fields, e.Fields); len(fs) > 0 {
			out = append(out, Change{Key: key, Line: e.Line, Kind: Changed, Fields: fs})
		}
	}
	for key, e := range old {
		if _, ok := now[key]; !ok {
			out = append(out, Change{Key: key, Line: e.Line, Kind: Removed})
		}
	}
	slices.SortFunc(out, func(a, b Change) int { return cmp.Or(strings.Compare(a.Kind, b.Kind), strings.Compare(a.Key, b.Key)) })
	return out
}

// byKey lists entries; of two with one key the first counts, the match tells of the other.
func byKey(entries []state.RegisterEntry) map[string]*state.RegisterEntry {
	out := make(map[string]*state.RegisterEntry, len(entries))
	for i := range entries {
		k := keyOf(entries[i].Fields)
		if k == "" {
			k = strings.ToLower(entries[i].Fields[FieldVendor] + " " + entries[i].Fields[FieldModel]) // a maker's disclosure
		}
		if _, ok := out[k]; !ok {
			out[k] = &entries[i]
		}
	}
	return out
}

func differ(a, b map[string]string) []FieldChange {
	var out []FieldChange
	names := slices.Sorted(maps.Keys(a))
	for name := range b {
		if _, ok := a[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		if a[name] != b[name] {
			out = append(out, FieldChange{name, a[name], b[name]})
		}
	}
	return out
}
