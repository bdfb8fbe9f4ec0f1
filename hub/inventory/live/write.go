package live

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/internal/model"
)

// write puts what changed since the last resolution where SQL sees it. The version is the time,
// so that a restarted hub writes newer rows than the one before it.
func (k *Keeper) write(ctx context.Context, inv *inventory.Inventory) error {
	if k.deps.Writer == nil {
		return nil
	}
	if err := k.recall(ctx); err != nil {
		return err
	}
	k.version = max(k.version+1, uint64(k.deps.Now().UnixMicro()))
	var devices []store.Device
	seen := make(map[string]bool, len(inv.Devices))
	for i := range inv.Devices {
		d := &inv.Devices[i]
		seen[d.ID] = true
		if k.wrote != nil && same(k.wrote.Device(d.ID), d) {
			continue
		}
		row, sum, err := k.row(d)
		if err != nil {
			return err
		}
		if k.written[row.ID] != sum {
			k.written[row.ID] = sum
			devices = append(devices, row)
		}
	}
	for id := range k.written {
		if !seen[id] {
			delete(k.written, id)
			devices = append(devices, store.Device{ID: id, Version: k.version, Removed: true})
		}
	}
	slices.SortFunc(devices, func(a, b store.Device) int { return strings.Compare(a.ID, b.ID) })
	if len(devices) > 0 {
		if err := k.deps.Writer.PutDevices(ctx, devices); err != nil {
			k.recalled = false
			return fmt.Errorf("write devices: %w", err)
		}
	}
	if bindings := k.bindings(inv); len(bindings) > 0 {
		if err := k.deps.Writer.PutBindings(ctx, bindings); err != nil {
			k.recalled = false
			return fmt.Errorf("write bindings: %w", err)
		}
	}
	k.wrote = inv
	return nil
}

// same reports devices of which nothing differs that is written. What was taken over from the
// resolution before is the same memory, and is not looked at again.
func same(a, b *inventory.Device) bool {
	if a == nil || a.ID != b.ID || a.Site != b.Site || a.Realm != b.Realm || a.Part != b.Part || a.Behind != b.Behind || a.BehindRouter != b.BehindRouter || a.Router != b.Router ||
		a.Department != b.Department || a.First != b.First || a.Last != b.Last || a.Name != b.Name || a.Support != b.Support || a.SupportUntil != b.SupportUntil {
		return false
	}
	return slices.Equal(a.Addrs, b.Addrs) && slices.Equal(a.MACs, b.MACs) && slices.Equal(a.VLANs, b.VLANs) && slices.Equal(a.Services, b.Services) && slices.Equal(a.Reasons, b.Reasons) &&
		slices.Equal(a.Endpoints, b.Endpoints) && slices.EqualFunc(a.Attributes, b.Attributes, sameAttribute)
}

func sameAttribute(a, b inventory.Attribute) bool {
	return a.Name == b.Name && a.Value == b.Value && a.Confidence == b.Confidence && slices.Equal(a.Conflicts, b.Conflicts) && len(a.Evidence) == len(b.Evidence) &&
		(len(a.Evidence) == 0 || &a.Evidence[0] == &b.Evidence[0] || reflect.DeepEqual(a.Evidence, b.Evidence))
}

// recall reads what the store holds, so that what is gone since is taken away there too.
func (k *Keeper) recall(ctx context.Context) error {
	if k.recalled {
		return nil
	}
	clear(k.written)
	clear(k.bound)
	k.wrote = nil
	for after := ""; ; {
		page, err := k.deps.Writer.Devices(ctx, store.DeviceFilter{AfterID: after})
		if err != nil {
			return fmt.Errorf("read written devices: %w", err)
		}
		for i := range page {
			k.written[page[i].ID] = 0 // what it said is compared from the next time on
			k.version = max(k.version, page[i].Version)
		}
		if len(page) == 0 {
			break
		}
		after = page[len(page)-1].ID
	}
	err := k.deps.Writer.Bindings(ctx, store.BindingFilter{}, func(b store.Binding) error {
		k.bound[bindingKey(&b)] = b
		k.version = max(k.version, b.Version)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read written bindings: %w", err)
	}
	k.recalled = true
	return nil
}

func bindingKey(b *store.Binding) string {
	return fmt.Sprint(b.Realm, "|", b.Subject, "|", b.Site, "|", b.From.UnixMicro(), "|", b.Device)
}

var supportTexts = map[inventory.Support]string{inventory.SupportCurrent: "supported", inventory.SupportExtended: "supported", inventory.SupportEnded: "past"}

func (k *Keeper) row(d *inventory.Device) (store.Device, uint64, error) {
	document, err := json.Marshal(d)
	if err != nil {
		return store.Device{}, 0, fmt.Errorf("write device %s: %w", d.ID, err)
	}
	sum := fnv.New64a()
	_, _ = sum.Write(document) // a hash never fails
	row := store.Device{ID: d.ID, Version: k.version, Site: d.Site, Realm: d.Realm, Name: d.Name, Category: d.Category, Type: d.Type, Vendor: d.Vendor,
		Model: d.Model, OS: d.OS, OSSupport: supportTexts[d.Support], Department: d.Department, Addrs: d.Addrs, MACs: d.MACs, VLANs: d.VLANs,
		First: time.Unix(0, d.First), Last: time.Unix(0, d.Last), Behind: d.Behind, Document: string(document)}
	if a := d.Attribute(inventory.AttrSerial); a != nil {
		row.Serial = a.Value
	}
	if a := d.Attribute(inventory.AttrRole); a != nil {
		row.Role = a.Value
	}
	if a := d.Attribute(inventory.AttrType); a != nil && a.Value != "" {
		row.Confidence = float32(a.Confidence)
	}
	return row, sum.Sum64(), nil
}

// bindings lists what changed; a binding that is gone, or whose begin moved, is taken away.
func (k *Keeper) bindings(inv *inventory.Inventory) []store.Binding {
	var out []store.Binding
	seen := make(map[string]bool, len(inv.Bindings))
	for i := range inv.Bindings {
		b := &inv.Bindings[i]
		row := store.Binding{Version: k.version, Site: b.Site, Realm: b.Realm, Subject: model.Subject{Addr: b.Addr, MAC: b.MAC},
			From: time.Unix(0, b.First).UTC(), To: time.Unix(0, b.Last).UTC(), Device: b.Device}
		key := bindingKey(&row)
		seen[key] = true
		if old, ok := k.bound[key]; !ok || old.To.UnixMicro() != row.To.UnixMicro() {
			k.bound[key] = row
			out = append(out, row)
		}
	}
	for key, row := range k.bound {
		if !seen[key] {
			delete(k.bound, key)
			row.Version, row.Removed = k.version, true
			out = append(out, row)
		}
	}
	return out
}
