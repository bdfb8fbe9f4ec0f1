package wiring

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/wardscope/wardscope/hub/ingest"
)

// registerMetrics tells how ingest and inventory stand.
func registerMetrics(registry *prometheus.Registry, h *Hub) {
	sum := func(get func(ingest.Status) uint64) func() float64 {
		return func() float64 {
			total := uint64(0)
			for _, s := range h.ingest.Status() {
				total += get(s)
			}
			return float64(total)
		}
	}
	counter := func(name, help string, get func(ingest.Status) uint64) {
		registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, sum(get)))
	}
	counter("hub_ingest_batches_total", "Batches stored. It grows while sensors send; if not, look at hub_ingest_stopped and the log.", func(s ingest.Status) uint64 { return s.Batches })
	counter("hub_ingest_rows_total", "Events stored.", func(s ingest.Status) uint64 { return s.Rows })
	counter("hub_ingest_duplicates_total", "Batches that came again and were left out; many mean that acknowledgements do not reach sensors.", func(s ingest.Status) uint64 { return s.Duplicates })
	counter("hub_ingest_quarantine_total", "Batches that could not be read; table quarantine says why.", func(s ingest.Status) uint64 { return s.Quarantine })
	gauge := func(name, help string, get func() float64) {
		registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, get))
	}
	gauge("hub_ingest_pending_batches", "Batches received and not yet stored; if it grows, the store is too slow or refuses.", sum(func(s ingest.Status) uint64 { return s.Pending }))
	gauge("hub_ingest_stopped", "Partitions that wait for an operator; the log names the reason.", sum(func(s ingest.Status) uint64 {
		if s.Stopped != "" {
			return 1
		}
		return 0
	}))
	gauge("hub_inventory_devices", "Devices known.", func() float64 { return float64(len(h.keeper.Current().Devices)) })
}
