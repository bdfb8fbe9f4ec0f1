package store

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"github.com/wardscope/wardscope/internal/model"
)

// field is one column of a table: its name and how to take it from rows.
type field[T any] struct {
	name   string
	column func(rows []T) any
}

// col makes a field from a function on one row; V is the driver's Go type.
func col[T, V any](name string, get func(*T) V) field[T] {
	return field[T]{name, func(rows []T) any {
		out := make([]V, len(rows))
		for i := range rows {
			out[i] = get(&rows[i])
		}
		return out
	}}
}

// InsertGroup stores a group exactly once, however often it is called with it.
// Each table and receive day is one block under the token
// Token/table/day; after an error, or an unknown outcome, call it again with
// the same group.
func (s *Store) InsertGroup(ctx context.Context, g Group) error {
	if g.Token == "" {
		return fmt.Errorf("insert group: no token")
	}
	// In the order of the tables' names: repeats then do the same work.
	if err := insertDays(ctx, s, g.Token, "batches", batchFields, g.Batches, func(r *BatchRow) *Stamp { return &r.Stamp }); err != nil {
		return err
	}
	if err := insertDays(ctx, s, g.Token, "findings", findingFields, g.Findings, func(r *FindingRow) *Stamp { return &r.Stamp }); err != nil {
		return err
	}
	if err := insertDays(ctx, s, g.Token, "flows", flowFields, g.Flows, func(r *FlowRow) *Stamp { return &r.Stamp }); err != nil {
		return err
	}
	if err := insertDays(ctx, s, g.Token, "losses", lossFields, g.Losses, func(r *LossRow) *Stamp { return &r.Stamp }); err != nil {
		return err
	}
	if err := insertDays(ctx, s, g.Token, "observations", observationFields, g.Observations, func(r *ObservationRow) *Stamp { return &r.Stamp }); err != nil {
		return err
	}
	if err := insertDays(ctx, s, g.Token, "quarantine", quarantineFields, g.Quarantine, func(r *QuarantineRow) *Stamp { return &r.Stamp }); err != nil {
		return err
	}
	return insertDays(ctx, s, g.Token, "sensor_stats", statsFields, g.Stats, func(r *StatsRow) *Stamp { return &r.Stamp })
}

// insertDays splits rows by receive day, keeping their order, and inserts each
// day as one block: a block over several partitions could be half stored.
func insertDays[T any](ctx context.Context, s *Store, token, table string, fields []field[T], rows []T, stamp func(*T) *Stamp) error {
	if len(rows) == 0 {
		return nil
	}
	days := map[string][]T{}
	for i := range rows {
		day := stamp(&rows[i]).Receive.UTC().Format(time.DateOnly)
		days[day] = append(days[day], rows[i])
	}
	names := make([]string, 0, len(days))
	for d := range days {
		names = append(names, d)
	}
	slices.Sort(names)
	for _, d := range names {
		if err := insert(ctx, s, token+"/"+table+"/"+d, table, fields, days[d]); err != nil {
			return err
		}
	}
	return nil
}

// insert sends rows as one block; token "" makes each call count.
func insert[T any](ctx context.Context, s *Store, token, table string, fields []field[T], rows []T) error {
	if token == "" {
		token = rand.Text() // else equal rows would count as a repeat: the tables always look
	}
	ctx = clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{"insert_deduplication_token": token}))
	columns := make([]string, len(fields))
	for i, f := range fields {
		columns[i] = f.name
	}
	batch, err := s.writer.PrepareBatch(ctx, "INSERT INTO "+s.cfg.Database+"."+table+" ("+strings.Join(columns, ", ")+")")
	if err != nil {
		return fmt.Errorf("insert into %s: %w", table, err)
	}
	for i, f := range fields {
		if err := batch.Column(i).Append(f.column(rows)); err != nil {
			_ = batch.Abort()
			return fmt.Errorf("insert into %s: column %s: %w", table, f.name, err)
		}
	}
	if err := batch.Send(); err != nil {
		return fmt.Errorf("insert into %s: %w", table, err)
	}
	return nil
}

// InsertAudit writes one audit line; it is durable when the call returns.
func (s *Store) InsertAudit(ctx context.Context, row AuditRow) error {
	return insert(ctx, s, "", "audit", auditFields, []AuditRow{row})
}

// PutDevices stores devices whose Version is higher than what the store has.
func (s *Store) PutDevices(ctx context.Context, devices []Device) error {
	if len(devices) == 0 {
		return nil
	}
	return insert(ctx, s, "", "devices", deviceFields, devices)
}

// PutBindings stores bindings, named by endpoint, From and Device, whose
// Version is higher than what the store has.
func (s *Store) PutBindings(ctx context.Context, bindings []Binding) error {
	if len(bindings) == 0 {
		return nil
	}
	return insert(ctx, s, "", "device_bindings", bindingFields, bindings)
}

// The range of event times that a column of hours can hold. A sensor's clock
// or a hostile capture may say anything; ingest reports what lies far off.
const (
	minEvent = int64(0)                             // 1970
	maxEvent = int64(4_291_747_200) * 1_000_000_000 // 2106-01-01, nanoseconds
)

func eventTime(ns int64) time.Time {
	return time.Unix(0, min(max(ns, minEvent), maxEvent)).UTC()
}

func address(a model.Addr) netip.Addr {
	if a.IsZero() {
		return netip.IPv6Unspecified()
	}
	return netip.AddrFrom16(a.As16())
}

func addresses(list []model.Addr) []netip.Addr {
	out := make([]netip.Addr, len(list))
	for i, a := range list {
		out[i] = address(a)
	}
	return out
}

func macs(list []model.MAC) []uint64 {
	out := make([]uint64, len(list))
	for i, m := range list {
		out[i] = uint64(m)
	}
	return out
}

// offsetMicros is the stored unit of clock offsets; it stays within ten years,
// which keeps corrected times in range.
func offsetMicros(ns int64) int64 {
	const limit = int64(10 * 365 * 24 * time.Hour)
	return min(max(ns, -limit), limit) / 1000
}

// stampFields are the columns that each event table has.
func stampFields[T any](stamp func(*T) *Stamp, domain func(*T) model.DomainID) []field[T] {
	return []field[T]{
		col("site", func(r *T) string { return string(stamp(r).Site) }),
		col("realm", func(r *T) string { return string(stamp(r).Realm) }),
		col("sensor", func(r *T) string { return string(stamp(r).Sensor) }),
		col("domain", func(r *T) uint32 { return uint32(domain(r)) }),
		col("received", func(r *T) time.Time { return stamp(r).Receive }),
		col("clock_offset", func(r *T) int64 { return offsetMicros(stamp(r).ClockOffset) }),
		col("epoch", func(r *T) uint64 { return stamp(r).Epoch }),
		col("sequence", func(r *T) uint64 { return stamp(r).Sequence }),
		col("row", func(r *T) uint32 { return stamp(r).Row }),
	}
}

// AuditLines counts the lines of the audit.
func (s *Store) AuditLines(ctx context.Context) (uint64, error) {
	var n uint64
	if err := s.reader.QueryRow(ctx, "SELECT count() FROM audit").Scan(&n); err != nil {
		return 0, fmt.Errorf("count audit lines: %w", err)
	}
	return n, nil
}
