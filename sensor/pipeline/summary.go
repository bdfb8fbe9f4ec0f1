package pipeline

import (
	"context"
	"log/slog"
	"time"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/capture"
	"github.com/wardscope/wardscope/sensor/observe"
	"github.com/wardscope/wardscope/sensor/track"
)

// Summary counts what a capture showed, and what it would cost to send it to a hub.
type Summary struct {
	Packets          uint64            `json:"packets"`
	Octets           uint64            `json:"octets"`
	Hosts            uint64            `json:"hosts"` // an estimate: 2 % either way
	Flows            uint64            `json:"flows"`
	Services         map[string]uint64 `json:"services"`     // flows by service; "" is unknown
	Observations     map[string]uint64 `json:"observations"` // claims by kind
	Findings         map[string]uint64 `json:"findings"`     // weaknesses by type
	TCPConversations uint64            `json:"tcp_conversations"`
	TCPOneWay        uint64            `json:"tcp_one_way"`
	UnseenOctets     uint64            `json:"unseen_acked_octets"`
	Duplicates       uint64            `json:"duplicates"`
	Truncated        uint64            `json:"truncated"`
	Undecoded        uint64            `json:"undecoded"`
	Batches          uint64            `json:"batches"`
	BatchBytes       uint64            `json:"batch_bytes"`
	Panics           map[string]uint64 `json:"dissector_panics,omitempty"` // by protocol: faults of ours

	total track.Bucket
}

func (s *Summary) add(c *chunk) {
	s.Flows += uint64(len(c.flows))
	for i := range c.flows {
		s.Services[c.flows[i].Service]++
	}
	for i := range c.observations {
		s.Observations[c.observations[i].Kind.String()]++
	}
	for i := range c.findings {
		s.Findings[c.findings[i].Type.String()]++
	}
	for i := range c.buckets {
		s.total.Merge(&c.buckets[i])
	}
}

func (s *Summary) faults(shards []*shard) {
	for _, shard := range shards {
		for protocol, n := range shard.runtime.Stats().Panics {
			if s.Panics == nil {
				s.Panics = map[string]uint64{}
			}
			s.Panics[protocol] += n
		}
	}
}

// Put counts a batch and lets it go.
func (s *Summary) Put(b observe.Sealed) {
	s.Batches++
	s.BatchBytes += uint64(len(b.Data))
}

// Losses are none: nothing is queued.
func (s *Summary) Losses() []model.Loss { return nil }

// Summarize takes every frame of src through the stages as Run does, encoded batches included, and
// counts instead of sending. When src is damaged it counts what came before and returns the error.
func Summarize(ctx context.Context, cfg Config, src capture.Source) (*Summary, error) {
	s := &Summary{Services: map[string]uint64{}, Observations: map[string]uint64{}, Findings: map[string]uint64{}}
	id := Identity{Site: "capture", Sensor: "read", Epoch: uint64(time.Now().UnixNano())}
	err := run(ctx, cfg, id, RunDeps{
		Feeds: []Feed{{Source: src}}, Outbox: s, Log: slog.New(slog.DiscardHandler),
	}, s)
	stats := s.total.Stats()
	s.Packets, s.Octets, s.Hosts = stats.Packets, stats.Octets, stats.Hosts
	s.TCPConversations, s.TCPOneWay, s.UnseenOctets = stats.TCPConversations, stats.TCPOneWay, stats.UnseenAckedOctets
	s.Duplicates, s.Truncated, s.Undecoded = stats.Duplicates, stats.Truncated, stats.Undecoded
	return s, err
}
