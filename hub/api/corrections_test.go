package api_test

import (
	"net/http"
	"strings"
	"testing"
)

func TestCorrectionsOverREST(t *testing.T) {
	h := start(t)
	id := h.keeper.Current().At("wan", addr(t, "10.1.7.6"), 0, 0).ID
	path := "/v1/devices/" + id
	code, body := h.ask(t, http.MethodPost, path+":correct", `{"attribute":"type","value":"pacs","reason":"seen in the server room"}`, secret)
	if code != http.StatusOK {
		t.Fatalf("correct: %d %s", code, body)
	}
	if code, body = h.ask(t, http.MethodPost, path+":label", `{"add":["loan","spare"],"reason":"on loan"}`, secret); code != http.StatusOK {
		t.Fatalf("label: %d %s", code, body)
	}
	if code, body = h.ask(t, http.MethodPost, "/v1/corrections/1:undo", `{"reason":"it was the other rack"}`, secret); code != http.StatusOK {
		t.Fatalf("undo: %d %s", code, body)
	}
	code, body = h.ask(t, http.MethodGet, "/v1/corrections?device="+id, "", secret)
	if code != http.StatusOK {
		t.Fatalf("list: %d %s", code, body)
	}
	golden(t, "corrections", body)
	if code, body := h.ask(t, http.MethodGet, "/v1/devices?filter=label%3Dloan", "", secret); code != http.StatusOK || !strings.Contains(body, id) {
		t.Errorf("devices by label: %d %s", code, body)
	}
	for _, bad := range []struct{ path, body, field string }{
		{path + ":correct", `{"attribute":"type","value":"toaster","reason":"x"}`, "value"},
		{path + ":correct", `{"attribute":"labels","value":"x","reason":"x"}`, "attribute"},
		{path + ":correct", `{"attribute":"model","value":"x"}`, "reason"},
		{path + ":label", `{"add":["two words"],"reason":"x"}`, "add[0]"},
		{path + ":label", `{"reason":"x"}`, "add"},
		{path + ":join", `{"other":"` + id + `","reason":"x"}`, "other"},
		{path + ":split", `{"off":"10.1.7.6","reason":"x"}`, "off"},
		{path + ":split", `{"off":"nothing","reason":"x"}`, "off"},
		{"/v1/corrections/1:undo", `{"reason":"again"}`, "id"},
	} {
		code, body := h.ask(t, http.MethodPost, bad.path, bad.body, secret)
		if code != http.StatusBadRequest || !strings.Contains(body, `"`+bad.field+`"`) {
			t.Errorf("%s %s: %d %s", bad.path, bad.body, code, body)
		}
	}
	if code, _ := h.ask(t, http.MethodPost, "/v1/devices/d-none:correct", `{"attribute":"model","value":"x","reason":"x"}`, secret); code != http.StatusNotFound {
		t.Errorf("unknown device: %d", code)
	}
}
