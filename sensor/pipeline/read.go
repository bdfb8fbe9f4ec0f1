package pipeline

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"

	"google.golang.org/protobuf/encoding/protojson"

	"github.com/wardscope/wardscope/internal/communityid"
	"github.com/wardscope/wardscope/internal/event"
	"github.com/wardscope/wardscope/internal/model"
	eventv1 "github.com/wardscope/wardscope/proto/wardscope/event/v1"
	"github.com/wardscope/wardscope/sensor/capture"
	"github.com/wardscope/wardscope/sensor/track"
)

// Read takes every frame of src through the stages and writes the events to out as JSON lines,
// the total statistics last. When src is damaged it writes all that came before the damage and
// returns the error.
func Read(ctx context.Context, cfg Config, src capture.Source, out io.Writer) error {
	cfg.Observe.EmitFirst = false // a file is known whole: each claim once, with its full count
	lines := &lines{out: bufio.NewWriterSize(out, 1<<20)}
	seed := track.NewSeed()
	shards := make([]*shard, max(1, cfg.Workers))
	writers := make([]*lineWriter, len(shards))
	for i := range shards {
		var err error
		writers[i] = &lineWriter{lines: lines}
		if shards[i], err = newShard(cfg, seed, writers[i]); err != nil {
			return err
		}
	}
	var damage error
	if len(shards) == 1 {
		damage = readAll(ctx, src, shards[0])
	} else {
		damage = spread(ctx, cfg, seed, shards, src)
	}
	last := writers[0]
	for i, s := range shards[1:] {
		s.end()
		last.total.Merge(&writers[1+i].total)
		s.collector.Move(shards[0].collector)
	}
	shards[0].finish()
	total := last.total.Stats()
	total.Packets = src.Stats().Frames
	last.write(&eventv1.Event{Event: &eventv1.Event_Stats{Stats: event.StatsRow(&total)}})
	return errors.Join(damage, lines.flush())
}

func readAll(ctx context.Context, src capture.Source, s *shard) error {
	beside, _ := src.(capture.Grouper)
	for n := 0; ; n++ {
		if n&255 == 0 && ctx.Err() != nil {
			return fmt.Errorf("read capture: %w", ctx.Err())
		}
		switch err := s.next(src, beside); {
		case err == nil:
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, capture.ErrTimeout):
		default:
			return err
		}
	}
}

// lines is the output that the shards share.
type lines struct {
	mutex sync.Mutex
	out   *bufio.Writer
	err   error
}

func (l *lines) write(line []byte, err error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if err == nil {
		_, err = l.out.Write(line)
	}
	if err != nil && l.err == nil {
		l.err = fmt.Errorf("write event: %w", err)
	}
}

func (l *lines) flush() error {
	if err := l.out.Flush(); err != nil && l.err == nil {
		l.err = fmt.Errorf("write events: %w", err)
	}
	return l.err
}

// lineWriter writes one shard's events as JSON lines and adds its statistics up.
type lineWriter struct {
	lines *lines
	line  bytes.Buffer
	total track.Bucket
}

var marshal = protojson.MarshalOptions{}

func (w *lineWriter) write(e *eventv1.Event) {
	raw, err := marshal.Marshal(e)
	if err == nil {
		w.line.Reset()
		err = json.Compact(&w.line, raw) // protojson varies its spaces on purpose
	}
	w.line.WriteByte('\n')
	w.lines.write(w.line.Bytes(), err)
}

// Observation writes a claim.
func (w *lineWriter) Observation(o *model.Observation) {
	w.write(&eventv1.Event{Event: &eventv1.Event_Observation{Observation: event.ObservationRow(o)}})
}

// Finding writes a weakness.
func (w *lineWriter) Finding(f *model.Finding) {
	w.write(&eventv1.Event{Event: &eventv1.Event_Finding{Finding: event.FindingRow(f)}})
}

// Flow writes a flow.
func (w *lineWriter) Flow(f *model.Flow) {
	f.CommunityID = communityid.Of(f.Protocol, f.Initiator.Addr, f.Responder.Addr, f.Initiator.Port, f.Responder.Port)
	w.write(&eventv1.Event{Event: &eventv1.Event_Flow{Flow: event.FlowRow(f)}})
}

// Loss writes a loss.
func (w *lineWriter) Loss(l *model.Loss) {
	w.write(&eventv1.Event{Event: &eventv1.Event_Loss{Loss: event.LossRow(l)}})
}

// Bucket adds a minute to the total; a file has one line of statistics.
func (w *lineWriter) Bucket(b *track.Bucket) { w.total.Merge(b) }
