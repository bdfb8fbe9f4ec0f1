package observe

import (
	"errors"
	"fmt"

	"github.com/wardscope/wardscope/internal/event"
	"github.com/wardscope/wardscope/internal/model"
)

// Sealed is a batch that is ready to be sent.
type Sealed struct {
	ID     model.BatchID
	Data   []byte // as event.Codec encodes it
	Events int
}

// targetEvents seals a batch long before a limit of the encoding is near: 4,000 flows take about
// a tenth of the 1 MiB that a message may have, and the batch under way less than 2 MiB of memory.
const targetEvents = 4_000

// Sealer gathers events into batches and numbers them.
type Sealer struct {
	codec    *event.Codec
	open     model.Batch
	sequence uint64
	size     int // rough bytes of strings, which compress worst

	operations []model.Operation // of the open batch's flows
}

// NewSealer makes a Sealer for one boot of a sensor. The first batch gets sequence 1.
func NewSealer(site model.SiteID, sensor model.SensorID, epoch uint64, version string) (*Sealer, error) {
	codec, err := event.NewCodec()
	if err != nil {
		return nil, err
	}
	return &Sealer{codec: codec, open: model.Batch{ID: model.BatchID{Site: site, Sensor: sensor, Epoch: epoch}, Version: version}}, nil
}

// Observation adds a claim.
func (s *Sealer) Observation(o *model.Observation) {
	s.open.Observations = append(s.open.Observations, *o)
	s.size += len(o.Value) + len(o.Subject.Part)
}

// Finding adds a finding.
func (s *Sealer) Finding(f *model.Finding) {
	s.open.Findings = append(s.open.Findings, *f)
	s.size += len(f.Detail) + len(f.CommunityID)
}

// Flow adds a flow record; its operations are copied.
func (s *Sealer) Flow(f *model.Flow) {
	row := *f
	from := len(s.operations)
	s.operations = append(s.operations, f.Operations...)
	row.Operations = s.operations[from:len(s.operations):len(s.operations)]
	s.open.Flows = append(s.open.Flows, row)
	s.size += len(f.ServerName)
}

// Loss adds a loss.
func (s *Sealer) Loss(l *model.Loss) { s.open.Losses = append(s.open.Losses, *l) }

// Stats adds statistics.
func (s *Sealer) Stats(st *model.Stats) { s.open.Stats = append(s.open.Stats, *st) }

// Full reports whether it is time to Seal without waiting for the clock.
func (s *Sealer) Full() bool { return s.open.Events() >= targetEvents || s.size > event.MaxCompressed }

// Empty reports whether there is nothing to seal.
func (s *Sealer) Empty() bool { return s.open.Events() == 0 }

// Seal encodes what was gathered into as many batches as the limits ask for and hands each to
// out. Now is the sensor's clock, offset its difference to the hub's, in nanoseconds.
func (s *Sealer) Seal(now, offset int64, out func(Sealed)) error {
	if s.Empty() {
		return nil
	}
	b := s.open
	b.Sealed, b.ClockOffset = now, offset
	err := s.seal(&b, out)
	s.open.Flows, s.open.Observations, s.open.Findings = s.open.Flows[:0], s.open.Observations[:0], s.open.Findings[:0]
	s.open.Losses, s.open.Stats, s.operations, s.size = s.open.Losses[:0], s.open.Stats[:0], s.operations[:0], 0
	return err
}

func (s *Sealer) seal(b *model.Batch, out func(Sealed)) error {
	b.ID.Sequence = s.sequence + 1
	data, err := s.codec.Encode(b)
	if errors.Is(err, event.ErrTooLarge) && b.Events() > 1 {
		first, second := split(b)
		return errors.Join(s.seal(&first, out), s.seal(&second, out))
	}
	if err != nil {
		return fmt.Errorf("seal batch %d: %w", b.ID.Sequence, err)
	}
	s.sequence++
	out(Sealed{ID: b.ID, Data: data, Events: b.Events()})
	return nil
}

// split puts the first half of the events, in the order of the lists, into first.
func split(b *model.Batch) (first, second model.Batch) {
	first, second = *b, *b
	n := b.Events() / 2
	first.Flows, second.Flows, n = cut(b.Flows, n)
	first.Observations, second.Observations, n = cut(b.Observations, n)
	first.Findings, second.Findings, n = cut(b.Findings, n)
	first.Losses, second.Losses, n = cut(b.Losses, n)
	first.Stats, second.Stats, _ = cut(b.Stats, n)
	return first, second
}

func cut[T any](all []T, n int) (first, second []T, rest int) {
	k := min(n, len(all))
	return all[:k:k], all[k:], n - k
}
