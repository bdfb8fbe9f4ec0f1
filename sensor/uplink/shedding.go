package uplink

import (
	"time"

	"github.com/wardscope/wardscope/internal/event"
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/observe"
)

const shedReason = "the hub was out of reach for longer than limits.uplink_queue holds"

// shedding keeps account of shed batches. Their own loss records are saved from them, or a gap
// that one of them closed would stay open at the hub; its size depends on the number of kinds of
// losses, not on how long the hub is away.
type shedding struct {
	codec  *event.Codec
	ranges []model.Loss // of batches, in the order of their numbers
	other  map[lossKind]model.Loss
	order  []lossKind
}

type lossKind struct {
	place  model.Place
	reason string
	domain model.DomainID
}

func newShedding() (shedding, error) {
	codec, err := event.NewCodec()
	return shedding{codec: codec, other: map[lossKind]model.Loss{}}, err
}

func (s *shedding) add(b observe.Sealed) {
	now := time.Now().UnixNano()
	loss := model.Loss{
		Place: model.PlaceUplink, Reason: shedReason, First: now, Last: now,
		Batches: 1, Events: uint64(b.Events), FirstSequence: b.ID.Sequence, LastSequence: b.ID.Sequence,
	}
	batch, err := s.codec.Decode(b.Data)
	if err == nil { // else it was no batch, and there is nothing in it to save
		loss.First, loss.Last = batch.Sealed, batch.Sealed
		loss.Events -= uint64(len(batch.Losses))
		for _, l := range batch.Losses {
			s.save(l)
		}
	}
	s.addRange(loss)
}

func (s *shedding) save(l model.Loss) {
	if l.Batches > 0 {
		s.addRange(l)
		return
	}
	kind := lossKind{l.Place, l.Reason, l.Domain}
	sum, ok := s.other[kind]
	if !ok {
		s.order = append(s.order, kind)
		s.other[kind] = l
		return
	}
	sum.First, sum.Last = min(sum.First, l.First), max(sum.Last, l.Last)
	sum.Packets += l.Packets
	sum.Events += l.Events
	s.other[kind] = sum
}

// addRange joins a range with the last one when nothing lies between.
func (s *shedding) addRange(l model.Loss) {
	for i := range s.ranges {
		r := &s.ranges[i]
		if l.FirstSequence > r.LastSequence+1 || r.FirstSequence > l.LastSequence+1 {
			continue
		}
		r.First, r.Last = min(r.First, l.First), max(r.Last, l.Last)
		r.FirstSequence, r.LastSequence = min(r.FirstSequence, l.FirstSequence), max(r.LastSequence, l.LastSequence)
		r.Batches += l.Batches
		r.Events += l.Events
		return
	}
	s.ranges = append(s.ranges, l)
}

func (s *shedding) drain() []model.Loss {
	out := s.ranges
	for _, kind := range s.order {
		out = append(out, s.other[kind])
	}
	s.ranges, s.order = nil, nil
	clear(s.other)
	return out
}
