package enrol_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/wardscope/wardscope/hub/fleet"
	"github.com/wardscope/wardscope/hub/fleet/enrol"
	"github.com/wardscope/wardscope/internal/mtls"
	uplinkv1 "github.com/wardscope/wardscope/proto/wardscope/uplink/v1"
)

var (
	now = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	id  = mtls.Identity{Site: "north", Sensor: "n1"}
)

// desk answers by secret.
type desk struct{ asked fleet.Asked }

func (d *desk) Enrol(_ context.Context, a fleet.Asked) (fleet.Enrolled, mtls.Identity, error) {
	d.asked = a
	switch a.Secret {
	case "good":
		return fleet.Enrolled{Site: "north", Sensor: "n1", CertificatePEM: []byte("cert"), CAPEM: []byte("ca"), NATSURL: "tls://hub:4222"}, id, nil
	case "used":
		return fleet.Enrolled{}, id, &fleet.Refusal{Cause: "used", Text: "the token was used", Remedy: "make a new one"}
	}
	return fleet.Enrolled{}, id, errors.New("bucket is away")
}

func (d *desk) Renew(_ context.Context, _ mtls.Identity, request []byte) ([]byte, bool, error) {
	switch string(request) {
	case "new":
		return []byte("cert"), true, nil
	case "again":
		return []byte("cert"), false, nil
	case "soon":
		return nil, false, fleet.ErrTooSoon
	}
	return nil, false, errors.New("revoked")
}

func (slow) Renew(context.Context, mtls.Identity, []byte) ([]byte, bool, error) {
	return nil, false, nil
}

func TestRenewalsAreWrittenDownOnce(t *testing.T) {
	x, deeds := door(&desk{}, func() time.Time { return now })
	for request, want := range map[string]string{"new": "cert", "again": "cert", "soon": "", "other": ""} {
		if text, err := x.Renew(t.Context(), id, []byte(request)); string(text) != want || (err == nil) != (want != "") {
			t.Errorf("%s: got %q %v", request, text, err)
		}
	}
	var got []string
	for _, d := range *deeds {
		got = append(got, d.Method+" "+string(d.Sensor)+" "+d.Outcome+" "+d.Detail)
	}
	slices.Sort(got)
	if d := cmp.Diff([]string{"RenewCertificate n1 ok ", "RenewCertificate n1 refused revoked"}, got); d != "" {
		t.Error(d)
	}
}

func door(d *desk, clock func() time.Time) (*enrol.Door, *[]enrol.Deed) {
	var deeds []enrol.Deed
	return enrol.New(enrol.Deps{
		Fleet: d, Log: slog.New(slog.DiscardHandler), Now: clock,
		Audit: func(_ context.Context, x enrol.Deed) error {
			deeds = append(deeds, x)
			return errors.New("the store is away")
		},
	}), &deeds
}

func ask(d http.Handler, method, path, body string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	d.ServeHTTP(w, httptest.NewRequest(method, path, strings.NewReader(body)))
	return w
}

func TestDoorAnswers(t *testing.T) {
	d := &desk{}
	x, deeds := door(d, func() time.Time { return now })
	w := ask(x, "POST", enrol.Path, `{"secret":"good","requestPem":"csr","site":"north","sensor":"n1","version":"v1\u001b","later":"field"}`)
	var answer uplinkv1.EnrolResponse
	if err := protojson.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Code != 200 {
		t.Fatalf("%d %s %v", w.Code, w.Body, err)
	}
	if answer.GetSensor() != "n1" || answer.GetCertificatePem() != "cert" || answer.GetCaPem() != "ca" || answer.GetNatsUrl() != "tls://hub:4222" || answer.GetSentNs() != uint64(now.UnixNano()) {
		t.Errorf("got %v", &answer)
	}
	if d.asked.Site != "north" || d.asked.Sensor != "n1" || string(d.asked.Request) != "csr" || d.asked.Remote != "192.0.2.1" {
		t.Errorf("asked %+v", d.asked)
	}
	for _, c := range []struct {
		method, path, body string
		code               int
		want               string
	}{
		{"POST", enrol.Path, `{"secret":"used"}`, 403, `"make a new one"`},
		{"POST", enrol.Path, `{"secret":"away"}`, 503, `same token`},
		{"POST", enrol.Path, `{`, 403, `"request"`},
		{"POST", enrol.Path, `{"secret":"` + strings.Repeat("x", 64<<10) + `"}`, 403, `"request"`},
		{"GET", enrol.Path, "", 405, "POST"},
		{"GET", "/", "", 404, "wardscope-sensor enroll"},
	} {
		if w := ask(x, c.method, c.path, c.body); w.Code != c.code || !strings.Contains(strings.ReplaceAll(w.Body.String(), " ", ""), strings.ReplaceAll(c.want, " ", "")) {
			t.Errorf("%s %s %.30s: got %d %s, want %d %s", c.method, c.path, c.body, w.Code, w.Body, c.code, c.want)
		}
	}
	want := []string{"ok: sensor version v1\\x1b", "refused: used: the token was used", "error: bucket is away"}
	for i, w := range want {
		if got := (*deeds)[i]; got.Outcome+": "+got.Detail != w || got.Sensor != "n1" || got.Site != "north" || got.Remote != "192.0.2.1" {
			t.Errorf("audit: got %+v, want %s", got, w)
		}
	}
}

// Strangers who knock without end do not fill the audit, and what was left out is counted.
func TestRefusalsAreWrittenDownAtABoundedRate(t *testing.T) {
	at := now
	x, deeds := door(&desk{}, func() time.Time { return at })
	for range 500 {
		ask(x, "POST", enrol.Path, `{"secret":"used"}`)
	}
	if n := len(*deeds); n != 100 {
		t.Errorf("%d lines of 500 refusals, want 100", n)
	}
	ask(x, "POST", enrol.Path, `{"secret":"good"}`)
	if n := len(*deeds); n != 101 || (*deeds)[100].Outcome != "ok" {
		t.Errorf("a good one is not written down: %d lines", n)
	}
	at = at.Add(2 * time.Second)
	ask(x, "POST", enrol.Path, `{"secret":"used"}`)
	if last := (*deeds)[len(*deeds)-1]; !strings.Contains(last.Detail, "400 refusals before it were not written down") {
		t.Errorf("got %+v", last)
	}
}

// What waits for the hub's buckets is bounded.
func TestManyAtOnce(t *testing.T) {
	entered, leave := make(chan struct{}, 64), make(chan struct{})
	x := enrol.New(enrol.Deps{Fleet: slow{entered, leave}, Audit: func(context.Context, enrol.Deed) error { return nil }, Log: slog.New(slog.DiscardHandler), Now: time.Now})
	codes := make(chan int, 17)
	for range 16 {
		go func() { codes <- ask(x, "POST", enrol.Path, `{}`).Code }()
	}
	for range 16 {
		<-entered
	}
	if w := ask(x, "POST", enrol.Path, `{}`); w.Code != 503 || !strings.Contains(w.Body.String(), "busy") {
		t.Errorf("the 17th: %d %s", w.Code, w.Body)
	}
	close(leave)
	for range 16 {
		if code := <-codes; code != 403 {
			t.Errorf("got %d", code)
		}
	}
}

type slow struct{ entered, leave chan struct{} }

func (s slow) Enrol(context.Context, fleet.Asked) (fleet.Enrolled, mtls.Identity, error) {
	s.entered <- struct{}{}
	<-s.leave
	return fleet.Enrolled{}, mtls.Identity{}, fmt.Errorf("late: %w", &fleet.Refusal{Cause: "used", Text: "used", Remedy: "none"})
}
