package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/hub/inventory/knowledge"
	"github.com/wardscope/wardscope/internal/model"
)

// told is what sensors said in one field: its values, and of which nothing was read.
type told struct {
	kind, source string
	values       map[string]bool
	unread       map[string]bool
}

// unread lists the fields of which most says nothing to any rule: where to look for the next rule.
func unread(ctx context.Context, o *options, set *knowledge.Set, truth string, w io.Writer) error {
	files, err := captureNames(truth)
	if err != nil {
		return err
	}
	var mu sync.Mutex
	fields := map[[2]string]*told{}
	take := func(_ int, in *inventory.Input) {
		mu.Lock()
		defer mu.Unlock()
		gather(in, set, fields)
	}
	if err := eachCapture(ctx, o.sensor, o.captures, files, take); err != nil {
		return err
	}
	if o.also != "" {
		found, err := filepath.Glob(filepath.Join(o.also, "*.pcap*"))
		if err != nil {
			return fmt.Errorf("list captures: %w", err)
		}
		if err := eachCapture(ctx, o.sensor, "", found, take); err != nil {
			return err
		}
	}
	return list(w, slices.Collect(maps.Values(fields)))
}

// silent are the kinds that identity reads, not rules.
func silent(k model.Kind) bool { return k == model.KindAddressBinding || k == model.KindStack }

func gather(in *inventory.Input, set *knowledge.Set, fields map[[2]string]*told) {
	for i := range in.Claims {
		c := &in.Claims[i]
		if silent(c.Kind) || c.Subject.MAC == 0 || in.Places.Class(c.Subject.Addr) == inventory.External && !c.Subject.Addr.IsZero() {
			continue
		}
		k := [2]string{c.Kind.String(), c.Source}
		t := fields[k]
		if t == nil {
			t = &told{kind: k[0], source: k[1], values: map[string]bool{}, unread: map[string]bool{}}
			fields[k] = t
		}
		t.values[c.Value] = true
		if len(set.Read(knowledge.Fact{Kind: t.kind, Source: t.source, Value: c.Value})) == 0 {
			t.unread[c.Value] = true
		}
	}
}

// shownValue bounds the example beside a field.
const shownValue = 60

func list(w io.Writer, all []*told) error {
	slices.SortFunc(all, func(a, b *told) int {
		return cmp.Or(cmp.Compare(len(b.unread), len(a.unread)), strings.Compare(a.kind, b.kind), strings.Compare(a.source, b.source))
	})
	if _, err := fmt.Fprintf(w, "%-18s %-28s %8s %8s  %s\n", "kind", "source", "values", "unread", "for example"); err != nil {
		return err
	}
	values, none := 0, 0
	for _, t := range all {
		values, none = values+len(t.values), none+len(t.unread)
		if len(t.unread) == 0 {
			continue
		}
		example := []rune(slices.Min(slices.Collect(maps.Keys(t.unread))))
		if _, err := fmt.Fprintf(w, "%-18s %-28s %8d %8d  %s\n", t.kind, t.source, len(t.values), len(t.unread), string(example[:min(len(example), shownValue)])); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "%d values in %d fields, %d of them say nothing to any rule\n", values, len(all), none)
	return err
}
