package store

import (
	"context"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/wardscope/wardscope/internal/model"
)

// Quarantined counts batches of one sensor that could not be read for one reason.
type Quarantined struct {
	Sensor  model.SensorID
	Reason  string
	Batches uint64
	Last    time.Time
}

// Quarantined tells what is in quarantine, the newest first, twenty lines at most.
func (s *Store) Quarantined(ctx context.Context) ([]Quarantined, error) {
	var out []Quarantined
	err := s.read(ctx, "quarantine.sql", nil, nil, func(rows driver.Rows) error {
		var q Quarantined
		err := rows.Scan((*string)(&q.Sensor), &q.Reason, &q.Batches, &q.Last)
		out = append(out, q)
		return err
	})
	return out, err
}
