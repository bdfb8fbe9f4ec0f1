package needs_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/wardscope/wardscope/hub/api/answer"
	"github.com/wardscope/wardscope/hub/api/needs"
	"github.com/wardscope/wardscope/hub/flowmap"
	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/hub/inventory/live"
	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/internal/model"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

type keeper struct{}

func (keeper) Current() *live.Snapshot {
	return &live.Snapshot{Inventory: inventory.Of([]inventory.Device{{ID: "pacs", Name: "pacs", Type: "pacs", Addrs: []model.Addr{model.AddrFrom4([]byte{10, 0, 0, 9})}}})}
}

var errStore = errors.New("the store is gone")

type broken struct{ answer.Store }

func (broken) Edges(context.Context, store.EdgeFilter) ([]store.Edge, error) { return nil, errStore }
func (broken) Totals(context.Context) (store.Totals, error)                  { return store.Totals{}, nil }

func server(t *testing.T) *needs.Server {
	t.Helper()
	care, err := flowmap.LoadCare()
	if err != nil {
		t.Fatal(err)
	}
	return needs.New(needs.Deps{Store: broken{}, Keeper: keeper{}, Care: care, Answers: answer.New(answer.Deps{Store: broken{}, Keeper: keeper{}, Now: time.Now})})
}

// TestFieldsAreChecked holds requests against their bounds before anything is read.
func TestFieldsAreChecked(t *testing.T) {
	s := server(t)
	for _, c := range []struct {
		req  *hubv1.GetDeviceNeedsRequest
		want codes.Code
	}{
		{&hubv1.GetDeviceNeedsRequest{Id: "none"}, codes.NotFound},
		{&hubv1.GetDeviceNeedsRequest{Id: "pacs", Steps: flowmap.MaxSteps + 1}, codes.InvalidArgument},
		{&hubv1.GetDeviceNeedsRequest{Id: "pacs", Steps: -1}, codes.InvalidArgument},
		{&hubv1.GetDeviceNeedsRequest{Id: "pacs", Peers: 1001}, codes.InvalidArgument},
	} {
		if _, err := s.GetDeviceNeeds(t.Context(), c.req); status.Code(err) != c.want {
			t.Errorf("%v: got %v, want %v", c.req, err, c.want)
		}
	}
	for _, r := range []*hubv1.ListNeededRequest{{Limit: -1}, {Limit: 1001}, {Filter: "colour=red"}} {
		if _, err := s.ListNeeded(t.Context(), r); status.Code(err) != codes.InvalidArgument {
			t.Errorf("%v: got %v", r, err)
		}
	}
}

// TestAStoreThatFailsIsSaid takes no needs for no answer.
func TestAStoreThatFailsIsSaid(t *testing.T) {
	s := server(t)
	if got, err := s.ListNeeded(t.Context(), &hubv1.ListNeededRequest{}); !errors.Is(err, errStore) {
		t.Errorf("got %v, %v", got, err)
	}
	if got, err := s.GetDeviceNeeds(t.Context(), &hubv1.GetDeviceNeedsRequest{Id: "pacs"}); !errors.Is(err, errStore) {
		t.Errorf("got %v, %v", got, err)
	}
}
