package api_test

import (
	"net/http"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

func TestNeeds(t *testing.T) {
	h := start(t)
	pacs := h.keeper.Current().At("wan", addr(t, "10.2.0.9"), 0, 0).ID
	code, body := h.ask(t, http.MethodGet, "/v1/devices/"+pacs+"/needs", "", secret)
	if code != http.StatusOK {
		t.Fatalf("%d %s", code, body)
	}
	golden(t, "needs", body)
	code, body = h.ask(t, http.MethodGet, "/v1/needed?filter=type%3Dpacs", "", secret)
	if code != http.StatusOK {
		t.Fatalf("%d %s", code, body)
	}
	golden(t, "needed", body)

	c := h.dial(t, secret)
	near, err := c.Needs.GetDeviceNeeds(t.Context(), &hubv1.GetDeviceNeedsRequest{Id: pacs, Steps: 1, Peers: 1})
	if err != nil || near.GetSummary() != "needed by 1 modality" || len(near.GetIndirectUsers()) != 0 {
		t.Errorf("got %v, %v", near, err)
	}
	for _, r := range []*hubv1.GetDeviceNeedsRequest{{Id: pacs, Steps: 4}, {Id: pacs, Peers: -1}} {
		if _, err := c.Needs.GetDeviceNeeds(t.Context(), r); status.Code(err) != codes.InvalidArgument {
			t.Errorf("%v: got %v", r, err)
		}
	}
	if _, err := c.Needs.GetDeviceNeeds(t.Context(), &hubv1.GetDeviceNeedsRequest{Id: "d-none"}); status.Code(err) != codes.NotFound {
		t.Errorf("got %v", err)
	}
	for _, r := range []*hubv1.ListNeededRequest{{Limit: 1001}, {Filter: "colour=red"}} {
		if _, err := c.Needs.ListNeeded(t.Context(), r); status.Code(err) != codes.InvalidArgument {
			t.Errorf("%v: got %v", r, err)
		}
	}
}
