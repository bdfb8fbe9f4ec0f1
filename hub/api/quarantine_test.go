package api_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/internal/model"
)

func TestQuarantineOverREST(t *testing.T) {
	h := start(t)
	stamp := func(sequence uint64) store.Stamp {
		return store.Stamp{Site: "north", Realm: "wan", Sensor: "n1", Receive: now, Epoch: 3, Sequence: sequence}
	}
	err := h.store.InsertGroup(t.Context(), store.Group{
		Token: "quarantine", Batches: []store.BatchRow{{Stamp: stamp(1), Reason: "newer schema"}, {Stamp: stamp(2), Reason: "unreadable"}},
		Quarantine: []store.QuarantineRow{
			{Stamp: stamp(1), Reason: "batch has a newer schema version", Payload: []byte("good")}, {Stamp: stamp(2), Reason: "no zstd", Payload: []byte("bad")},
			{Stamp: stamp(0), Reason: "no number", Payload: []byte("x")}, {Stamp: stamp(4), Reason: "too many gaps", Payload: []byte("good")},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	unreadable := errors.New("still cannot be read")
	var taken []string
	deps := h.deps
	deps.Again = func(_ context.Context, id model.BatchID, counted bool, payload []byte) error {
		if string(payload) != "good" {
			return fmt.Errorf("batch %d: %w", id.Sequence, unreadable)
		}
		taken = append(taken, fmt.Sprintf("%s/%s/%d/%d counted %t", id.Site, id.Sensor, id.Epoch, id.Sequence, counted))
		return nil
	}
	deps.Unreadable = func(err error) bool { return errors.Is(err, unreadable) }
	serve(t, h, deps)
	for _, c := range []struct {
		method, path, body string
		code               int
		want               string
	}{
		{"GET", "/v1/quarantine?sensor=n1", "", 200, "newer schema version"},
		{"GET", "/v1/quarantine?sensor=n2", "", 200, "{}"},
		{"GET", "/v1/quarantine?sensor=N", "", 400, `"sensor"`},
		{"GET", "/v1/quarantine?limit=-1", "", 400, `"limit"`},
		{"POST", "/v1/quarantine:retake", `{"sensor":"n1"}`, 200, `"taken":"2"`},
		{"POST", "/v1/quarantine:retake", `{"sensor":"N"}`, 400, `"sensor"`},
	} {
		code, body := h.ask(t, c.method, c.path, c.body, secret)
		if code != c.code || !strings.Contains(strings.ReplaceAll(body, " ", ""), strings.ReplaceAll(c.want, " ", "")) {
			t.Errorf("%s %s: got %d %s, want %d with %s", c.method, c.path, code, body, c.code, c.want)
		}
		if c.method == "POST" && c.code == 200 && (!strings.Contains(body, "still cannot be read") || !strings.Contains(body, "cannot be trusted")) {
			t.Errorf("what is left has no reason: %s", body)
		}
	}
	if got := strings.Join(taken, ", "); got != "north/n1/3/1 counted true, north/n1/3/4 counted false" {
		t.Errorf("taken again: %s", got)
	}
	if code, body := h.ask(t, http.MethodGet, "/v1/audit?object=n1", "", secret); code != 200 || !strings.Contains(body, "RetakeQuarantine") {
		t.Errorf("audit: %d %s", code, body)
	}
}
