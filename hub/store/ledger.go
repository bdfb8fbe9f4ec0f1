package store

import (
	"context"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/wardscope/wardscope/hub/store/ledger"
	"github.com/wardscope/wardscope/internal/model"
)

// The accounts of batches; see package ledger.
type (
	// Account is the proof for one boot of a sensor and one day of receipt.
	Account = ledger.Account
	// Dropped is what a sensor says it left out for one reason.
	Dropped = ledger.Dropped
	// Span is a run of batch numbers.
	Span = ledger.Span
)

// Accounts gives the accounts of one sensor, or of all when it is empty, by sensor, boot and day.
func (s *Store) Accounts(ctx context.Context, scope Scope, sensor model.SensorID) ([]Account, error) {
	var args arguments
	args.scope(scope)
	args.add("sensor", string(sensor))
	data := struct {
		Scope
		Sensor string
	}{scope, string(sensor)}
	book := ledger.NewBook()
	err := s.read(ctx, "ledger_losses.sql", data, args, func(rows driver.Rows) error {
		var x ledger.Loss
		var place string
		err := rows.Scan((*string)(&x.Site), (*string)(&x.Sensor), &x.Epoch, &x.Day, &place, &x.Reason, &x.First, &x.Last, &x.Packets, &x.Events, &x.Batches)
		x.Place = places[place]
		book.Lose(&x)
		return err
	})
	if err != nil {
		return nil, err
	}
	err = s.read(ctx, "ledger_spans.sql", data, args, func(rows driver.Rows) error {
		var x ledger.Arrived
		err := rows.Scan((*string)(&x.Site), (*string)(&x.Sensor), &x.Epoch, &x.Day, &x.First, &x.Last, &x.Bad, &x.Events, &x.Received)
		book.Arrive(&x)
		return err
	})
	return book.Sorted(), err
}
