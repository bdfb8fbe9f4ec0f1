package main

import (
	"context"
	"errors"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/wardscope/wardscope/internal/telemetry"
	"github.com/wardscope/wardscope/sensor/uplink"
)

// metricsHandler answers with what the queue to the hub and the link know of themselves.
func metricsHandler(outbox outbox, link uplink.Link) http.Handler {
	registry := telemetry.Registry()
	counter := func(name, help string, get func() uint64) {
		registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, func() float64 { return float64(get()) }))
	}
	counter("sensor_batches_sealed_total", "Batches sealed. It grows while there is traffic; if not, look at the capture.", func() uint64 { return outbox.Totals().Batches })
	counter("sensor_batches_sent_total", "Batches that the hub holds durably. If it stands still, look at the way to the hub.", func() uint64 { return outbox.Totals().SentBatches })
	counter("sensor_batches_shed_total", "Batches dropped because the hub was away for too long; raise spool.max_bytes, or limits.uplink_queue where there is no spool.", func() uint64 { return outbox.Totals().ShedBatches })
	counter("sensor_uplink_refused_total", "Attempts that the hub refused or did not answer; the log says why.", func() uint64 { return link.Status().Refused })
	registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "sensor_uplink_queue_bytes", Help: "Bytes waiting for the hub; if it grows, the way to the hub is too slow or down."},
		func() float64 { return float64(outbox.Held().Bytes) }))
	var health telemetry.Health
	health.Check("uplink", func(context.Context) error {
		if s := link.Status(); !s.Connected {
			return errors.New("not connected to the hub: " + s.Fault)
		}
		return nil
	})
	return telemetry.Handler(registry, &health)
}
