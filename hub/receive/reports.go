package receive

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/nats-io/nats.go"

	"github.com/wardscope/wardscope/internal/mtls"
	"github.com/wardscope/wardscope/internal/subject"
)

// maxReports bounds the reports that wait for an answer. More are dropped: sensors report again.
const maxReports = 1024

// Reports answers what sensors report until the context ends, and then returns nil. The server has
// made sure that a report comes from the sensor it names.
func (r *Receiver) Reports(ctx context.Context, answer func(ctx context.Context, from mtls.Identity, report []byte) ([]byte, error)) error {
	waiting := make(chan *nats.Msg, maxReports)
	sub, err := r.hub.ChanQueueSubscribe(subject.ControlIngress, queue, waiting)
	if err != nil {
		return fmt.Errorf("listen for reports: %w", err)
	}
	defer func() { _ = sub.Unsubscribe() }()
	for {
		select {
		case <-ctx.Done():
			return nil
		case msg := <-waiting:
			site, sensor, err := subject.ParseControl(msg.Subject)
			var reply []byte
			if err == nil {
				reply, err = answer(ctx, mtls.Identity{Site: site, Sensor: sensor}, msg.Data)
			}
			if err == nil {
				err = msg.Respond(reply)
			}
			if err != nil && ctx.Err() == nil {
				r.deps.Log.Warn("report not answered", slog.String("subject", msg.Subject), slog.Any("error", err))
			}
		}
	}
}
