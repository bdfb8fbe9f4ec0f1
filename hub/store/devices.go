package store

import (
	"context"
	"net"
	"net/netip"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/wardscope/wardscope/hub/store/row"
	"github.com/wardscope/wardscope/internal/model"
)

// Devices returns devices by id; a caller pages with AfterID.
func (s *Store) Devices(ctx context.Context, f DeviceFilter) ([]Device, error) {
	var args arguments
	args.scope(f.Scope)
	args.add("ids", f.IDs)
	args.addrs("addrs", f.Addrs)
	args.add("macs", row.MACs(f.MACs))
	args.add("categories", f.Categories)
	args.add("types", f.Types)
	args.add("text", f.Text)
	args.add("after", f.AfterID)
	args.add("limit", limitOr(f.Limit, 1000, 5_000_000))
	var out []Device
	err := s.read(ctx, "devices.sql", f, args, func(rows driver.Rows) error {
		var d Device
		var addrs []net.IP
		var hw []uint64
		err := rows.Scan(&d.ID, &d.Version, (*string)(&d.Site), (*string)(&d.Realm), &d.Name, &d.Category, &d.Type, &d.Vendor, &d.Model,
			&d.OS, &d.OSSupport, &d.Serial, &d.Role, &d.Department, &d.Confidence, &addrs, &hw, &d.VLANs, &d.First, &d.Last,
			&d.Behind, &d.Document, &d.RegisterOnly)
		d.Addrs = row.Map(addrs, func(ip net.IP) model.Addr { return model.AddrFrom16(ip.To16()) })
		d.MACs = row.Map(hw, func(m uint64) model.MAC { return model.MAC(m) })
		out = append(out, d)
		return err
	})
	return out, err
}

// Bindings calls each for every binding that matches, by realm, address, MAC,
// part, site and time; an error of each ends the read.
func (s *Store) Bindings(ctx context.Context, f BindingFilter, each func(Binding) error) error {
	var args arguments
	args.scope(f.Scope)
	args.addrs("addrs", f.Addrs)
	args.add("devices", f.Devices)
	args.add("at", f.At.UnixMicro())
	return s.read(ctx, "bindings.sql", f, args, func(rows driver.Rows) error {
		var b Binding
		var addr netip.Addr
		var mac uint64
		err := rows.Scan((*string)(&b.Realm), &addr, &mac, &b.Subject.Part, &b.From, &b.To, (*string)(&b.Site), &b.Device, &b.Reason, &b.Version)
		if err != nil {
			return err
		}
		b.Subject.Addr, b.Subject.MAC = modelAddr(addr), model.MAC(mac)
		if b.To.Unix() == 0 {
			b.To = time.Time{} // still holds
		}
		return each(b)
	})
}
