package answer

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/wardscope/wardscope/hub/api/problem"
	"github.com/wardscope/wardscope/hub/store"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

// standardSpan is what an answer covers when nobody says.
const standardSpan = 24 * time.Hour

// period resolves the span of a request. Unset ends mean the last 24 hours; when nothing was seen
// in them, as on a hub that replays captures, they mean all that is held.
func (s *Answers) period(ctx context.Context, p *hubv1.Period) (store.Period, error) {
	var out store.Period
	for _, end := range []struct {
		name string
		from *timestamppb.Timestamp
		into *time.Time
	}{{"period.from", p.GetFrom(), &out.From}, {"period.to", p.GetTo(), &out.To}} {
		if end.from == nil {
			continue
		}
		if err := end.from.CheckValid(); err != nil {
			return out, problem.Field(end.name, "is no valid time; write it as 2026-11-24T10:00:00Z")
		}
		*end.into = end.from.AsTime()
	}
	if !out.From.IsZero() && !out.To.IsZero() {
		if !out.From.Before(out.To) {
			return out, problem.Field("period.from", fmt.Sprintf("%s is not before period.to, %s", out.From.Format(time.RFC3339), out.To.Format(time.RFC3339)))
		}
		return out, nil
	}
	totals, err := s.deps.Store.Totals(ctx)
	if err != nil {
		return out, err
	}
	now := s.deps.Now().UTC()
	newest := totals.Last.Add(time.Microsecond) // the end is exclusive
	switch {
	case !out.From.IsZero():
		out.To = later(now, newest)
		if !out.From.Before(out.To) {
			return out, problem.Field("period.from", "lies in the future; set period.to too")
		}
	case !out.To.IsZero():
		out.From = out.To.Add(-standardSpan)
		if !totals.First.IsZero() && totals.Last.Before(now.Add(-standardSpan)) && totals.First.Before(out.To) {
			out.From = totals.First
		}
	case !totals.Last.IsZero() && totals.Last.Before(now.Add(-standardSpan)):
		out.From, out.To = totals.First, newest
	default:
		out.From, out.To = now.Add(-standardSpan), later(now, newest)
	}
	return out, nil
}

// later is the later of two times, but no more than a day past now: a sensor's clock may be wrong.
func later(now, t time.Time) time.Time {
	if t.After(now) && t.Before(now.Add(standardSpan)) {
		return t
	}
	return now
}

func periodMessage(p store.Period) *hubv1.Period {
	return &hubv1.Period{From: stamp(p.From), To: stamp(p.To)}
}

func stamp(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}

func stampNanos(n int64) *timestamppb.Timestamp {
	if n == 0 {
		return nil
	}
	return timestamppb.New(time.Unix(0, n))
}
