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

// InQuarantine is one batch that is kept because it could not be read.
type InQuarantine struct {
	Site     model.SiteID
	Sensor   model.SensorID
	Epoch    uint64
	Sequence uint64 // 0: nobody knows
	Received time.Time
	Reason   string
	Octets   uint64
	Counted  bool // its number is in the ledger, as one that arrived
}

// Quarantine lists batches in quarantine that are not stored since, the oldest first; sensor "" for all.
func (s *Store) Quarantine(ctx context.Context, sensor model.SensorID, limit int) (out []InQuarantine, err error) {
	var args arguments
	args.add("sensor", string(sensor))
	args.add("limit", uint32(limit))
	err = s.read(ctx, "quarantined.sql", string(sensor), args, func(rows driver.Rows) error {
		var q InQuarantine
		var counted uint8
		err := rows.Scan((*string)(&q.Site), (*string)(&q.Sensor), &q.Epoch, &q.Sequence, &q.Received, &q.Reason, &q.Octets, &counted)
		q.Counted = counted != 0
		out = append(out, q)
		return err
	})
	return out, err
}

// QuarantinePayload reads what a batch in quarantine holds; nil when it is not there.
func (s *Store) QuarantinePayload(ctx context.Context, q *InQuarantine) (payload []byte, err error) {
	var args arguments
	args.add("site", string(q.Site))
	args.add("sensor", string(q.Sensor))
	args.add("epoch", q.Epoch)
	args.add("sequence", q.Sequence)
	args.add("received", q.Received.UnixMicro())
	err = s.read(ctx, "quarantine_payload.sql", nil, args, func(rows driver.Rows) error {
		var text string
		err := rows.Scan(&text)
		payload = []byte(text)
		return err
	})
	return payload, err
}
