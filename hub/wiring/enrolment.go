package wiring

import (
	"context"
	"crypto/tls"
	"net"

	"github.com/wardscope/wardscope/hub/fleet/enrol"
	"github.com/wardscope/wardscope/hub/store"
)

// listenDoor opens the listener of enrolment, when it has one of its own.
func (h *Hub) listenDoor(ctx context.Context, config *tls.Config) (err error) {
	if h.cfg.Enrolment.Listen == "" {
		return nil
	}
	raw, err := new(net.ListenConfig).Listen(ctx, "tcp", h.cfg.Enrolment.Listen)
	if err != nil {
		return portError("enrolment", "enrolment.listen", h.cfg.Enrolment.Listen, err)
	}
	h.door = tls.NewListener(raw, config)
	return nil
}

func (h *Hub) auditSensor(ctx context.Context, d enrol.Deed) error {
	return h.store.InsertAudit(ctx, store.AuditRow{
		Time: d.Time, Actor: "sensor", Role: "sensor", Remote: d.Remote, Method: d.Method, Site: d.Site, Object: string(d.Sensor), Outcome: d.Outcome, Detail: d.Detail,
	})
}

// enrolment serves the door on a listener of its own until the context ends.
func (h *Hub) enrolment(ctx context.Context) error {
	if h.door == nil {
		return nil
	}
	return h.enrol.Serve(ctx, h.door)
}

// enrolURL is where sensors enrol, by the first name that the hub has for others.
func (h *Hub) enrolURL() string {
	listener := h.door
	if listener == nil {
		listener = h.listener
	}
	return "https://" + h.receiver.Advertised(listener.Addr().String())
}
