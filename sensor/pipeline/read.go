package pipeline

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"google.golang.org/protobuf/encoding/protojson"

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
	w := &lineWriter{out: bufio.NewWriterSize(out, 1<<20)}
	s, err := newShard(cfg, track.NewSeed(), w)
	if err != nil {
		return err
	}
	damage := readAll(ctx, src, s)
	s.finish()
	total := w.total.Stats()
	total.Packets = src.Stats().Frames
	w.write(&eventv1.Event{Event: &eventv1.Event_Stats{Stats: event.StatsRow(&total)}})
	if err := w.out.Flush(); err != nil && w.err == nil {
		w.err = fmt.Errorf("write events: %w", err)
	}
	return errors.Join(damage, w.err)
}

func readAll(ctx context.Context, src capture.Source, s *shard) error {
	var f capture.Frame
	for n := 0; ; n++ {
		if n&1023 == 0 && ctx.Err() != nil {
			return fmt.Errorf("read capture: %w", ctx.Err())
		}
		switch err := src.Next(&f); {
		case err == nil:
			s.frame(&f)
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, capture.ErrTimeout):
		default:
			return err
		}
	}
}

// lineWriter writes events as JSON lines and adds the statistics up.
type lineWriter struct {
	out   *bufio.Writer
	line  bytes.Buffer
	total track.Bucket
	err   error
}

var marshal = protojson.MarshalOptions{}

func (w *lineWriter) write(e *eventv1.Event) {
	raw, err := marshal.Marshal(e)
	if err == nil {
		w.line.Reset()
		err = json.Compact(&w.line, raw) // protojson varies its spaces on purpose
	}
	if err == nil {
		w.line.WriteByte('\n')
		_, err = w.out.Write(w.line.Bytes())
	}
	if err != nil && w.err == nil {
		w.err = fmt.Errorf("write event: %w", err)
	}
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
	w.write(&eventv1.Event{Event: &eventv1.Event_Flow{Flow: event.FlowRow(f)}})
}

// Loss writes a loss.
func (w *lineWriter) Loss(l *model.Loss) {
	w.write(&eventv1.Event{Event: &eventv1.Event_Loss{Loss: event.LossRow(l)}})
}

// Bucket adds a minute to the total; a file has one line of statistics.
func (w *lineWriter) Bucket(b *track.Bucket) { w.total.Merge(b) }
