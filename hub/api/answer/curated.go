package answer

import (
	"context"

	"github.com/wardscope/wardscope/hub/flowmap"
	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/hub/inventory/live"
	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/internal/model"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

// Device shapes a device for an answer, findings left out; detail brings its evidence.
func Device(d *inventory.Device, detail bool) *hubv1.Device { return deviceMessage(d, 0, detail) }

// Ref names a device in an answer, by its newest address.
func Ref(d *inventory.Device) *hubv1.DeviceRef { return deviceRef(d, model.Addr{}) }

// Evidence shapes what something rests on.
func Evidence(list []inventory.Evidence) []*hubv1.Evidence { return evidenceMessages(list) }

// Span resolves the period of a request: unset ends mean the last 24 hours with data.
func (s *Answers) Span(ctx context.Context, p *hubv1.Period) (store.Period, error) {
	return s.period(ctx, p)
}

// Rests says what an answer over a period rests on.
func (s *Answers) Rests(ctx context.Context, p store.Period) (*hubv1.Coverage, error) {
	return s.coverage(ctx, p)
}

// Ends tells who had an address, by a snapshot.
func (s *Answers) Ends(snap *live.Snapshot) *flowmap.Resolver { return s.resolver(snap, nil) }
