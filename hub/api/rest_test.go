package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestREST(t *testing.T) {
	h := start(t)
	t.Run("answers", func(t *testing.T) { answers(t, h) })
	t.Run("bad input", func(t *testing.T) { badInput(t, h) })
	t.Run("plain pages", func(t *testing.T) { plainPages(t, h) })
	t.Run("a hub that replays old captures answers from all that it holds", func(t *testing.T) {
		_, body := h.at(t, now.AddDate(3, 0, 0)).ask(t, "GET", "/v1/map", "", secret)
		if !strings.Contains(body, `"from": "2026-11-24T11:00:00Z"`) || !strings.Contains(body, `"service": "dicom"`) {
			t.Errorf("got %.800s", body)
		}
	})
}

// answers holds one request of each method against its golden answer.
func answers(t *testing.T, h *hub) {
	t.Helper()
	ct := h.keeper.Current().At("wan", addr(t, "10.1.0.5"), 0, 0).ID
	_, list := h.ask(t, "GET", "/v1/findings?filter=service%3Dtelnet", "", secret)
	telnet := between(list, `"id": "f-`, `"`)
	for _, c := range []struct{ name, method, path, body string }{
		{"devices", "GET", "/v1/devices", ""},
		{"device", "GET", "/v1/devices/" + ct, ""},
		{"address", "GET", "/v1/addresses/10.1.0.5", ""},
		{"match", "POST", "/v1/devices:match", `{"lines":[{"maker":"ICU Medical","model":"Plum 360","firmware":"< 15.10"}]}`},
		{"flows", "GET", "/v1/flows?filter=" + url.QueryEscape("device = ct-03 AND service = dicom") + "&pageSize=1", ""},
		{"map", "GET", "/v1/map?level=LEVEL_SITE", ""},
		{"exposure", "GET", "/v1/exposure", ""},
		{"findings", "GET", "/v1/findings", ""},
		{"finding", "GET", "/v1/findings/f-" + telnet, ""},
		{"sites", "GET", "/v1/sites", ""},
		{"site", "GET", "/v1/sites/north", ""},
		{"sensors", "GET", "/v1/sensors", ""},
		{"ledger", "GET", "/v1/sensors/n1/ledger", ""},
		{"add-sensor", "POST", "/v1/sensors", `{"site":"north","sensor":"n2"}`},
		{"matrix", "GET", "/v1/zones/matrix", ""},
		{"status", "GET", "/v1/status", ""},
		{"sql", "POST", "/v1/sql", `{"sql":"SELECT site, count() AS flows FROM flows GROUP BY site ORDER BY site"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, body := h.ask(t, c.method, c.path, c.body, secret)
			if code != http.StatusOK {
				t.Fatalf("%s %s: %d\n%s", c.method, c.path, code, body)
			}
			if c.name != "exposure" { // the same in all
				body = withoutCoverage(t, body)
			}
			golden(t, c.name, "# "+c.method+" "+c.path+" "+c.body+"\n"+body)
		})
	}
}

// withoutCoverage takes the coverage, which must be there if the answer has one, out of a golden.
func withoutCoverage(t *testing.T, body string) string {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		t.Fatal(err)
	}
	if _, ok := v["coverage"]; ok {
		v["coverage"] = "see exposure.golden"
	}
	text, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text) + "\n"
}

func between(s, from, to string) string {
	_, s, _ = strings.Cut(s, from)
	s, _, _ = strings.Cut(s, to)
	return s
}

// badInput shows what a caller gets who is wrong: one line that names the field.
func badInput(t *testing.T, h *hub) {
	t.Helper()
	_, page := h.ask(t, "GET", "/v1/devices?pageSize=1", "", secret)
	devicesToken := between(page, `"nextPageToken": "`, `"`)
	if devicesToken == "" {
		t.Fatal("no second page")
	}
	var out strings.Builder
	for _, c := range []struct{ method, path, body, token string }{
		{"GET", "/v1/devices", "", ""},
		{"GET", "/v1/devices", "", "wrong"},
		{"GET", "/v1/devices?filter=" + url.QueryEscape("vendr = philips"), "", secret},
		{"GET", "/v1/devices?filter=" + url.QueryEscape("support = endd"), "", secret},
		{"GET", "/v1/flows?filter=" + url.QueryEscape("(site = north"), "", secret},
		{"GET", "/v1/devices?pageSize=5000", "", secret},
		{"GET", "/v1/devices?pageSize=x", "", secret},
		{"GET", "/v1/devices?filter=site%3Dnorth&pageToken=" + devicesToken, "", secret},
		{"GET", "/v1/flows?pageToken=" + devicesToken, "", secret},
		{"GET", "/v1/flows?pageToken=nonsense", "", secret},
		{"GET", "/v1/flows?period.from=2026-01-02T00:00:00Z&period.to=2026-01-01T00:00:00Z", "", secret},
		{"GET", "/v1/map?limit=-1", "", secret},
		{"GET", "/v1/map?level=LEVEL_HOUSE", "", secret},
		{"GET", "/v1/devices/d-none", "", secret},
		{"GET", "/v1/findings/f-none", "", secret},
		{"GET", "/v1/addresses/nowhere", "", secret},
		{"GET", "/v1/nothing", "", secret},
		{"DELETE", "/v1/devices", "", secret},
		{"PUT", "/v1/sites", `{"sites":[{"id":"North!","prefixes":["10.1.0.0/33","10.2.0.0/16"],"departments":[{"name":"x","vlans":[5000]}]}]}`, secret},
		{"PUT", "/v1/sites", `{"sites":[{"id":"North!","prefixes":["10.2.0.1/16"]}]}`, secret},
		{"PUT", "/v1/sites", `{"sites":[{"id":"north","prefix":["10.2.0.0/16"]}]}`, secret},
		{"PUT", "/v1/sites", `{"sites":[],"expectedRevision":"2"}`, secret},
		{"PUT", "/v1/zones", `{"zones":[{"name":"a","selector":"tpe = pacs"},{"name":"b","selector":"type = pacs"}]}`, secret},
		{"POST", "/v1/sensors", `{"site":"south","sensor":"n1"}`, secret},
		{"POST", "/v1/sensors", `{"site":"south","sensor":"N 1"}`, secret},
		{"POST", "/v1/sql", `{"sql":""}`, secret},
		{"POST", "/v1/sql", `{"sql":"DROP TABLE flows"}`, secret},
		{"POST", "/v1/sql", `{"sql":"SELECT nope FROM flows"}`, secret},
	} {
		code, body := h.ask(t, c.method, c.path, c.body, c.token)
		path := strings.ReplaceAll(c.path, devicesToken, "TOKEN-OF-DEVICES")
		fmt.Fprintf(&out, "# %s %s %s\n%d %s\n", c.method, path, c.body, code, body)
	}
	golden(t, "bad-input", out.String())
}

func plainPages(t *testing.T, h *hub) {
	t.Helper()
	for path, want := range map[string]string{"/healthz": "ok\n", "/readyz": "ready\n"} {
		if code, body := h.ask(t, "GET", path, "", ""); code != http.StatusOK || body != want {
			t.Errorf("%s: %d %q", path, code, body)
		}
	}
	code, body := h.ask(t, "GET", "/openapi.yaml", "", "")
	if code != http.StatusOK || !strings.Contains(body, "openapi: 3.1.0") {
		t.Errorf("openapi: %d %.80q", code, body)
	}
	if code, _ := h.ask(t, "GET", "/", "", ""); code != http.StatusNotFound {
		t.Errorf("/: %d", code)
	}
}
