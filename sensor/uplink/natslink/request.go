package natslink

import (
	"context"
	"fmt"

	"github.com/wardscope/wardscope/internal/subject"
	"github.com/wardscope/wardscope/sensor/uplink"
)

// Ask implements uplink.Link.
func (l *Link) Ask(ctx context.Context, report []byte) ([]byte, error) {
	nc := l.conn.Load()
	if nc == nil || !nc.IsConnected() {
		return nil, fmt.Errorf("ask hub %s: %w", l.cfg.URL, uplink.ErrAway)
	}
	msg, err := nc.RequestWithContext(ctx, subject.Control(l.cfg.Site, l.cfg.Sensor), report)
	if err != nil {
		return nil, fmt.Errorf("ask hub %s: %w", l.cfg.URL, err)
	}
	return msg.Data, nil
}
