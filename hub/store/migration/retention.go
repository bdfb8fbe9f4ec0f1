package migration

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Retention says for how many days after its receipt a row is kept. What is
// joined over time (claims, findings by key, edges, sightings) and the accounts
// (batches, losses, audit) stay for 400 days after they last changed.
type Retention struct {
	Flows        int // flow records
	Edges        int // flow_edges and flow_edges_daily
	Observations int
	Findings     int
}

// MaxRetention is the most days that can be asked for.
const MaxRetention = 3650

// Validate reports all faults at once.
func (r Retention) Validate() error {
	var errs []error
	for _, v := range []struct {
		name string
		days int
	}{{"flows", r.Flows}, {"edges", r.Edges}, {"observations", r.Observations}, {"findings", r.Findings}} {
		if v.days < 1 || v.days > MaxRetention {
			errs = append(errs, fmt.Errorf("store.retention.%s: %d days are outside 1 to %d", v.name, v.days, MaxRetention))
		}
	}
	return errors.Join(errs...)
}

var ttlDays = regexp.MustCompile(`TTL (.+?) \+ toIntervalDay\((\d+)\)`)

// Retain makes each table's TTL what is configured; a table that has it
// already is left alone. What then is too old goes with the next merges.
func (d Database) Retain(ctx context.Context, r Retention) error {
	for _, t := range []struct {
		name string
		days int
	}{{"flows", r.Flows}, {"flow_edges", r.Edges}, {"flow_edges_daily", r.Edges}, {"observations", r.Observations}, {"findings", r.Findings}} {
		var text string
		err := d.Conn.QueryRow(ctx, "SELECT engine_full FROM system.tables WHERE database = currentDatabase() AND name = '"+t.name+"'").Scan(&text)
		if err != nil {
			return fmt.Errorf("read retention of %s: %w", t.name, err)
		}
		now := ttlDays.FindStringSubmatch(text)
		if now == nil {
			return fmt.Errorf("read retention of %s: no TTL in %s", t.name, strings.TrimSpace(text))
		}
		if now[2] == strconv.Itoa(t.days) {
			continue
		}
		// Parts are dropped whole, so only their dates are worked out anew, not their rows.
		for _, change := range []string{"MODIFY SETTING materialize_ttl_recalculate_only = 1", fmt.Sprintf("MODIFY TTL %s + toIntervalDay(%d)", now[1], t.days)} {
			if err := d.Conn.Exec(ctx, "ALTER TABLE "+d.DB+"."+t.name+d.OnCluster()+" "+change); err != nil {
				return fmt.Errorf("set retention of %s to %d days: %w", t.name, t.days, err)
			}
		}
	}
	return nil
}
