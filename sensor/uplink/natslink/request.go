package natslink

import (
	"context"
	"errors"
	"fmt"

	"github.com/wardscope/wardscope/internal/subject"
)

var errAway = errors.New("not connected")

// Ask sends a report about the sensor itself and waits for the hub's answer. While the hub is away
// it fails at once.
func (l *Link) Ask(ctx context.Context, report []byte) ([]byte, error) {
	nc := l.conn.Load()
	if nc == nil || !nc.IsConnected() {
		return nil, fmt.Errorf("ask hub %s: %w", l.cfg.URL, errAway)
	}
	msg, err := nc.RequestWithContext(ctx, subject.Control(l.cfg.Site, l.cfg.Sensor), report)
	if err != nil {
		return nil, fmt.Errorf("ask hub %s: %w", l.cfg.URL, err)
	}
	return msg.Data, nil
}
