package store

import (
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"github.com/wardscope/wardscope/hub/store/row"
)

// Rows as they are stored; see package row.
type (
	// Stamp is what ingest adds to each event.
	Stamp = row.Stamp
	// FlowRow is a flow as it is stored.
	FlowRow = row.FlowRow
	// ObservationRow is an observation as it is stored.
	ObservationRow = row.ObservationRow
	// FindingRow is a sensor's finding as it is stored.
	FindingRow = row.FindingRow
	// StatsRow is a coverage record as it is stored.
	StatsRow = row.StatsRow
	// LossRow is a loss record as it is stored.
	LossRow = row.LossRow
	// Counts counts events by kind.
	Counts = row.Counts
	// BatchRow is the ledger's line for one batch.
	BatchRow = row.BatchRow
	// QuarantineRow is a batch that could not be read.
	QuarantineRow = row.QuarantineRow
	// Group is what one step of ingest stores.
	Group = row.Group
	// AuditRow is one line of the audit.
	AuditRow = row.AuditRow
	// Device is a device as the inventory concluded it.
	Device = row.Device
	// Binding says which device an endpoint was, from when to when.
	Binding = row.Binding
)

// InsertGroup stores a group exactly once, however often it is called with it.
// Each table and receive day is one block under the token
// Token/table/day; after an error, or an unknown outcome, call it again with
// the same group.
func (s *Store) InsertGroup(ctx context.Context, g Group) error {
	if g.Token == "" {
		return fmt.Errorf("insert group: no token")
	}
	// Always in the same order: repeats then do the same work. The ledger is last: who reads it finds
	// every event that it speaks of.
	if err := insertDays(ctx, s, g.Token, "findings", row.FindingColumns, g.Findings, func(r *FindingRow) *Stamp { return &r.Stamp }); err != nil {
		return err
	}
	if err := insertDays(ctx, s, g.Token, "flows", row.FlowColumns, g.Flows, func(r *FlowRow) *Stamp { return &r.Stamp }); err != nil {
		return err
	}
	if err := insertDays(ctx, s, g.Token, "losses", row.LossColumns, g.Losses, func(r *LossRow) *Stamp { return &r.Stamp }); err != nil {
		return err
	}
	if err := insertDays(ctx, s, g.Token, "observations", row.ObservationColumns, g.Observations, func(r *ObservationRow) *Stamp { return &r.Stamp }); err != nil {
		return err
	}
	if err := insertDays(ctx, s, g.Token, "quarantine", row.QuarantineColumns, g.Quarantine, func(r *QuarantineRow) *Stamp { return &r.Stamp }); err != nil {
		return err
	}
	if err := insertDays(ctx, s, g.Token, "sensor_stats", row.StatsColumns, g.Stats, func(r *StatsRow) *Stamp { return &r.Stamp }); err != nil {
		return err
	}
	return insertDays(ctx, s, g.Token, "batches", row.BatchColumns, g.Batches, func(r *BatchRow) *Stamp { return &r.Stamp })
}

// insertDays splits rows by receive day, keeping their order, and inserts each
// day as one block: a block over several partitions could be half stored.
func insertDays[T any](ctx context.Context, s *Store, token, table string, columns []row.Column[T], rows []T, stamp func(*T) *Stamp) error {
	if len(rows) == 0 {
		return nil
	}
	day := func(i int) int64 { return stamp(&rows[i]).Receive.Unix() / (24 * 60 * 60) }
	days := map[int64][]T{}
	for i, first := 0, 0; i < len(rows); i++ {
		if last := i + 1; last == len(rows) || day(last) != day(first) {
			d := day(first)
			if held := days[d]; held == nil {
				days[d] = rows[first:last:last] // nearly always all of them: nothing is copied
			} else {
				days[d] = append(held, rows[first:last]...)
			}
			first = last
		}
	}
	for _, d := range slices.Sorted(maps.Keys(days)) {
		name := time.Unix(d*24*60*60, 0).UTC().Format(time.DateOnly)
		if err := insert(ctx, s, token+"/"+table+"/"+name, table, columns, days[d]); err != nil {
			return err
		}
	}
	return nil
}

// insert sends rows as one block; token "" makes each call count.
func insert[T any](ctx context.Context, s *Store, token, table string, columns []row.Column[T], rows []T) error {
	if token == "" {
		token = rand.Text() // else equal rows would count as a repeat: the tables always look
	}
	ctx = clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{"insert_deduplication_token": token}))
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
	}
	batch, err := s.writer.PrepareBatch(ctx, "INSERT INTO "+s.cfg.Database+"."+table+" ("+strings.Join(names, ", ")+")")
	if err != nil {
		return fmt.Errorf("insert into %s: %w", table, err)
	}
	for i, c := range columns {
		if err := batch.Column(i).Append(c.Values(rows)); err != nil {
			_ = batch.Abort()
			return fmt.Errorf("insert into %s: column %s: %w", table, c.Name, err)
		}
	}
	if err := batch.Send(); err != nil {
		return fmt.Errorf("insert into %s: %w", table, err)
	}
	return nil
}

// InsertAudit writes one audit line; it is durable when the call returns.
func (s *Store) InsertAudit(ctx context.Context, line AuditRow) error {
	return insert(ctx, s, "", "audit", row.AuditColumns, []AuditRow{line})
}

// PutDevices stores devices whose Version is higher than what the store has.
func (s *Store) PutDevices(ctx context.Context, devices []Device) error {
	if len(devices) == 0 {
		return nil
	}
	return insert(ctx, s, "", "devices", row.DeviceColumns, devices)
}

// PutBindings stores bindings, named by endpoint, From and Device, whose
// Version is higher than what the store has.
func (s *Store) PutBindings(ctx context.Context, bindings []Binding) error {
	if len(bindings) == 0 {
		return nil
	}
	return insert(ctx, s, "", "device_bindings", row.BindingColumns, bindings)
}
