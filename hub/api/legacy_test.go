package api_test

import (
	"net/http"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

func TestLegacy(t *testing.T) {
	h := start(t)
	code, body := h.ask(t, http.MethodGet, "/v1/legacy", "", secret)
	if code != http.StatusOK {
		t.Fatalf("%d %s", code, body)
	}
	golden(t, "legacy", body)
	c := h.dial(t, secret)
	for filter, want := range map[string]int64{`advice="replace"`: 1, `advice="segment"`: 0, `patchable="owner" AND certainty="confirmed" AND site="north"`: 1, `unfixed:*`: 0} {
		got, err := c.Legacy.ListLegacy(t.Context(), &hubv1.ListLegacyRequest{Filter: filter})
		if err != nil || got.GetTotalSize() != want {
			t.Errorf("%s: got %d, %v", filter, got.GetTotalSize(), err)
		}
	}
	all, err := c.Legacy.ListLegacy(t.Context(), &hubv1.ListLegacyRequest{All: true, Limit: 1})
	if err != nil || all.GetTotalSize() != int64(len(h.keeper.Current().Devices)) || len(all.GetVerdicts()) != 1 {
		t.Errorf("got %v, %v", all, err)
	}
	for _, r := range []*hubv1.ListLegacyRequest{{Limit: -1}, {Filter: "colour=red"}} {
		if _, err := c.Legacy.ListLegacy(t.Context(), r); status.Code(err) != codes.InvalidArgument {
			t.Errorf("%v: got %v", r, err)
		}
	}
}
