package api_test

import (
	"net/http"
	"strings"
	"testing"

	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

// Tokens and revocations are given, refused with the field or reason, and all of it is in the audit.
func TestEnrolmentIsAudited(t *testing.T) {
	h := start(t)
	for _, c := range []struct {
		path, body string
		code       int
		want       string
	}{
		{"/v1/enrolment_tokens", `{"site":"north","ttl":"900s"}`, 200, `"token": "wset_x"`},
		{"/v1/enrolment_tokens", `{"site":"north","sensor":"n1"}`, 400, "--replace"},
		{"/v1/enrolment_tokens", `{"site":"south","sensor":"n1"}`, 409, "unique over all sites"},
		{"/v1/enrolment_tokens", `{"site":"nroth"}`, 400, "declared are north, south"},
		{"/v1/enrolment_tokens", `{"site":"north","ttl":"700000s"}`, 400, "ttl"},
		{"/v1/enrolment_tokens", `{"site":"N"}`, 400, "site"},
		{"/v1/enrolment_tokens", `{"site":"north","sensor":"a b"}`, 400, "sensor"},
		{"/v1/sensors/n1:revoke", `{"reason":"stolen, INC-231"}`, 200, "took"},
		{"/v1/sensors/n1:revoke", `{"reason":" "}`, 400, "reason"},
		{"/v1/sensors/n9:revoke", `{"reason":"x"}`, 404, "no sensor n9"},
		{"/v1/sensors/N:revoke", `{"reason":"x"}`, 400, "sensor"},
	} {
		code, body := h.ask(t, http.MethodPost, c.path, c.body, secret)
		if code != c.code || !strings.Contains(body, c.want) {
			t.Errorf("%s %s: got %d %s, want %d with %q", c.path, c.body, code, body, c.code, c.want)
		}
	}
	if code, _ := h.ask(t, http.MethodPost, "/v1/enrolment_tokens", `{"site":"north"}`, "wrong"); code != http.StatusUnauthorized {
		t.Errorf("without a token of the API: got %d", code)
	}
	lines, err := h.dial(t, secret).Audit.ListAudit(t.Context(), &hubv1.ListAuditRequest{})
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for _, l := range lines.GetLines() {
		text.WriteString(strings.Join([]string{l.GetActor(), l.GetMethod(), l.GetSite(), l.GetObject(), l.GetOutcome(), l.GetDetail()}, " ") + "\n")
	}
	for _, want := range []string{
		"admin CreateEnrolmentToken north north-1 ok \n", "admin RevokeSensor  n1 ok stolen, INC-231\n", "admin RevokeSensor  n9 refused x; there is no sensor n9\n",
		"admin CreateEnrolmentToken south n1 refused sensor n1 belongs to another site",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no line %q in\n%s", want, &text)
		}
	}
	if strings.Contains(text.String(), "wset_x") {
		t.Error("a token stands in the audit")
	}
	if code, body := h.ask(t, http.MethodGet, "/v1/audit?object=n9&limit=1", "", secret); code != 200 || !strings.Contains(body, `"object": "n9"`) {
		t.Errorf("audit of one: %d %s", code, body)
	}
	if code, body := h.ask(t, http.MethodGet, "/v1/audit?limit=10001", "", secret); code != 400 || !strings.Contains(body, "limit") {
		t.Errorf("too many lines: %d %s", code, body)
	}
}
