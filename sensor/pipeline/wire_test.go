package pipeline_test

import (
	"context"
	"encoding/binary"
	"log/slog"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/wardscope/wardscope/internal/event"
	"github.com/wardscope/wardscope/internal/model"
	eventv1 "github.com/wardscope/wardscope/proto/wardscope/event/v1"
	"github.com/wardscope/wardscope/sensor/capture/pcapfile"
	"github.com/wardscope/wardscope/sensor/observe"
	"github.com/wardscope/wardscope/sensor/pipeline"
)

// sealedFlows is an outbox that keeps the flows of what is sealed.
type sealedFlows struct {
	codec *event.Codec
	flows []model.Flow
	err   error
}

func (s *sealedFlows) Put(b observe.Sealed) {
	batch, err := s.codec.Decode(b.Data)
	if err != nil {
		s.err = err
		return
	}
	s.flows = append(s.flows, batch.Flows...)
}

func (s *sealedFlows) Losses() []model.Loss { return nil }

// mixFlows are the flows of the reference mix as a sensor reports them.
func mixFlows(t *testing.T, packets int) []model.Flow {
	t.Helper()
	codec, err := event.NewCodec()
	if err != nil {
		t.Fatal(err)
	}
	box := &sealedFlows{codec: codec}
	cfg := pipeline.DefaultConfig()
	id := pipeline.Identity{Site: "north", Sensor: "n1", Epoch: 1, Version: "test"}
	err = pipeline.Run(context.Background(), cfg, id, pipeline.RunDeps{
		Feeds: []pipeline.Feed{{Source: pcapfile.New(1, writeLoad(t, "mix", packets)), Domain: 1}}, Outbox: box, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil || box.err != nil {
		t.Fatal(err, box.err)
	}
	return box.flows
}

// form is one way to write flows down.
type form struct {
	encode func(flows []model.Flow) []byte
	decode func(data []byte) int // how many flows
}

func forms(t *testing.T) map[string]form {
	t.Helper()
	codec, err := event.NewCodec()
	if err != nil {
		t.Fatal(err)
	}
	// As event.NewCodec packs columns, so that the form alone differs.
	pack, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true), zstd.WithWindowSize(1<<20))
	if err != nil {
		t.Fatal(err)
	}
	unpack, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(unpack.Close)
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	rows := func(flows []model.Flow, community bool, each func(*eventv1.Flow) ([]byte, error)) []byte {
		var raw []byte
		for i := range flows {
			row := event.FlowRow(&flows[i])
			if !community {
				row.CommunityId = "" // columns leave it out too: it follows from the rest
			}
			one, err := each(row)
			must(err)
			raw = append(binary.AppendUvarint(raw, uint64(len(one))), one...)
		}
		return pack.EncodeAll(raw, nil)
	}
	return map[string]form{
		"columns": {
			encode: func(flows []model.Flow) []byte {
				data, err := codec.Encode(&model.Batch{ID: model.BatchID{Site: "north", Sensor: "n1", Epoch: 1, Sequence: 1}, Sealed: 1, Flows: flows})
				must(err)
				return data
			},
			decode: func(data []byte) int {
				b, err := codec.Decode(data)
				must(err)
				return len(b.Flows)
			},
		},
		"rows": {
			encode: func(flows []model.Flow) []byte {
				return rows(flows, false, func(f *eventv1.Flow) ([]byte, error) { return proto.Marshal(f) })
			},
			decode: func(data []byte) int {
				raw, err := unpack.DecodeAll(data, nil)
				must(err)
				n := 0
				for ; len(raw) > 0; n++ {
					size, k := binary.Uvarint(raw)
					must(proto.Unmarshal(raw[k:k+int(size)], &eventv1.Flow{}))
					raw = raw[k+int(size):]
				}
				return n
			},
		},
		"json":       {encode: func(flows []model.Flow) []byte { return rows(flows, true, asJSON) }},
		"short json": {encode: func(flows []model.Flow) []byte { return rows(flows, false, asJSON) }},
	}
}

func asJSON(f *eventv1.Flow) ([]byte, error) { return protojson.Marshal(f) }

// fastest is the shortest of several runs, which other programs disturb least.
func fastest(runs int, f func()) time.Duration {
	best := time.Hour
	for range runs {
		begin := time.Now()
		f()
		best = min(best, time.Since(begin))
	}
	return best
}

// TestWireSize holds what a flow of the reference mix takes on the wire, with all fields, and what
// it takes to read it back, against rows and JSON of the same flows in the same run.
func TestWireSize(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector's time is not the hub's: -short leaves it out")
	}
	const packets = 900_000
	flows := mixFlows(t, packets)
	if len(flows) < 20_000 {
		t.Fatalf("%d flows of %d packets, want 20,000", len(flows), packets)
	}
	all := forms(t)
	for _, c := range []struct {
		batch int
		most  float64 // bytes a flow
	}{{2000, 38}, {20000, 32}} {
		bytes, times := map[string]int{}, map[string]time.Duration{}
		n := len(flows) / c.batch * c.batch
		for name, f := range all {
			for at := 0; at < n; at += c.batch {
				data := f.encode(flows[at : at+c.batch])
				bytes[name] += len(data)
				if f.decode == nil || at > 0 {
					continue
				}
				times[name] = fastest(15, func() {
					if got := f.decode(data); got != c.batch {
						t.Errorf("%s: %d flows read back, want %d", name, got, c.batch)
					}
				}) / time.Duration(c.batch)
			}
		}
		per := func(name string) float64 { return float64(bytes[name]) / float64(n) }
		t.Logf("batches of %d: columns %.1f B/flow, rows+zstd without Community ID %.1f (%.2f x), JSON+zstd %.1f (%.2f x), without Community ID %.1f (%.2f x); reading back %v a flow, rows %v (%.2f x)",
			c.batch, per("columns"), per("rows"), per("columns")/per("rows"), per("json"), per("columns")/per("json"), per("short json"), per("columns")/per("short json"), times["columns"], times["rows"], float64(times["columns"])/float64(times["rows"]))
		if per("columns") > c.most || per("columns") > 0.85*per("rows") || per("columns") > 0.7*per("json") {
			t.Errorf("batches of %d: %.1f B/flow; want at most %v, 0.85 x %.1f and 0.7 x %.1f", c.batch, per("columns"), c.most, per("rows"), per("json"))
		}
		if float64(times["columns"]) > 0.5*float64(times["rows"]) {
			t.Errorf("batches of %d: reading columns takes %v a flow, rows %v; want at most half", c.batch, times["columns"], times["rows"])
		}
	}
}
