package api_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/internal/model"
)

// operated is what control state has of sensors; one was added.
type operated struct {
	wishing  sync.Mutex
	wishes   []state.Wish
	versions []state.Configuration
}

func (o *operated) Sensor(_ context.Context, id model.SensorID) (state.Sensor, error) {
	if id != "n1" {
		return state.Sensor{}, state.ErrNotFound
	}
	return state.Sensor{Site: "north", ID: id}, nil
}

func (o *operated) Sensors(context.Context) ([]state.Sensor, error) {
	return []state.Sensor{{Site: "north", ID: "n1"}}, nil
}

func (o *operated) ChangeWish(_ context.Context, id model.SensorID, change func(*state.Wish)) error {
	o.wishing.Lock()
	defer o.wishing.Unlock()
	for i := range o.wishes {
		if o.wishes[i].Sensor == id {
			change(&o.wishes[i])
			return nil
		}
	}
	w := state.Wish{Sensor: id}
	change(&w)
	o.wishes = append(o.wishes, w)
	return nil
}

func (o *operated) Wishes(context.Context) ([]state.Wish, error) {
	o.wishing.Lock()
	defer o.wishing.Unlock()
	return append([]state.Wish(nil), o.wishes...), nil
}

func (o *operated) PutConfiguration(_ context.Context, c state.Configuration) (state.Configuration, error) {
	c.Version = uint64(len(o.versions) + 1)
	o.versions = append(o.versions, c)
	return c, nil
}

func (o *operated) Configuration(_ context.Context, version uint64) (state.Configuration, error) {
	if version == 0 || version > uint64(len(o.versions)) {
		return state.Configuration{}, state.ErrNotFound
	}
	return o.versions[version-1], nil
}

func (o *operated) Bundle(_ context.Context, id model.SensorID) (state.Bundle, error) {
	for _, w := range o.wishes {
		if w.Sensor == id && w.Bundle != 0 {
			return state.Bundle{Sensor: id, Number: w.Bundle, Archive: []byte("tar")}, nil
		}
	}
	return state.Bundle{}, state.ErrNotFound
}

func (o *operated) Configurations(context.Context) ([]state.Configuration, error) {
	return o.versions, nil
}

func TestOperateOverREST(t *testing.T) {
	h := start(t)
	for _, good := range []struct{ path, body string }{
		{"/v1/sensors/n1:control", `{"action":"SENSOR_ACTION_PAUSE","reason":"CHG-1"}`},
		{"/v1/sensors/n1:control", `{"action":"SENSOR_ACTION_RESTART"}`},
		{"/v1/configurations", `{"yaml":"log:\n  level: info\n","reference":"CHG-1"}`},
		{"/v1/configurations", `{"yaml":"log:\n  level: debug\nlimits:\n  flows: 4096\n","reference":"CHG-2"}`},
		{"/v1/configurations:assign", `{"version":"2","sensors":["n1"]}`},
	} {
		if code, body := h.ask(t, http.MethodPost, good.path, good.body, secret); code != http.StatusOK {
			t.Errorf("%s %s: %d %s", good.path, good.body, code, body)
		}
	}
	if code, body := h.ask(t, http.MethodGet, "/v1/sensors?filter=state%3Dpaused", "", secret); code != http.StatusOK || !strings.Contains(body, "paused: CHG-1") {
		t.Errorf("paused sensors: %d %s", code, body)
	}
	code, body := h.ask(t, http.MethodGet, "/v1/configurations", "", secret)
	for _, want := range []string{"CHG-2", `"-  level: info"`, `"+  level: debug"`, `"+limits:"`} {
		if code != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("configurations lack %s: %d %s", want, code, body)
		}
	}
	if strings.Contains(body, `"-log:"`) {
		t.Errorf("a line that stayed is in the difference: %s", body)
	}
	if code, body := h.ask(t, http.MethodGet, "/v1/sensors/n1/support_bundle", "", secret); code != http.StatusNotFound {
		t.Errorf("a bundle that nobody asked for: %d %s", code, body)
	}
	if code, body := h.ask(t, http.MethodPost, "/v1/sensors/n1:supportBundle", "{}", secret); code != http.StatusOK || !strings.Contains(body, `"number"`) {
		t.Errorf("ask for a bundle: %d %s", code, body)
	}
	if code, body := h.ask(t, http.MethodGet, "/v1/sensors/n1/support_bundle", "", secret); code != http.StatusOK || !strings.Contains(body, `"dGFy"`) {
		t.Errorf("bundle: %d %s", code, body)
	}
	if code, body := h.ask(t, http.MethodGet, "/v1/sensors/n1/support_bundle?number=3", "", secret); code != http.StatusNotFound {
		t.Errorf("another bundle: %d %s", code, body)
	}
	for _, bad := range []struct{ path, body, field string }{
		{"/v1/sensors/n9:supportBundle", `{}`, "sensor"},
		{"/v1/sensors/n9:control", `{"action":"SENSOR_ACTION_RESUME"}`, "sensor"},
		{"/v1/sensors/n1:control", `{"action":"SENSOR_ACTION_PAUSE","reason":" "}`, "reason"},
		{"/v1/sensors/n1:control", `{}`, "action"},
		{"/v1/configurations", `{"yaml":"a: [","reference":"x"}`, "yaml"},
		{"/v1/configurations", `{"yaml":"","reference":"x"}`, "yaml"},
		{"/v1/configurations", `{"yaml":"log:\n  level: info\n"}`, "reference"},
		{"/v1/configurations:assign", `{"version":"9","sensors":["n1"]}`, "version"},
		{"/v1/configurations:assign", `{"version":"1"}`, "sensors"},
		{"/v1/configurations:assign", `{"version":"1","sensors":["n1","n9"]}`, "sensors[1]"},
	} {
		code, body := h.ask(t, http.MethodPost, bad.path, bad.body, secret)
		if code != http.StatusBadRequest || !strings.Contains(body, `"`+bad.field+`"`) {
			t.Errorf("%s %s: %d %s", bad.path, bad.body, code, body)
		}
	}
	if code, body := h.ask(t, http.MethodGet, "/v1/ledger?sensor=n1&day=monday", "", secret); code != http.StatusBadRequest {
		t.Errorf("ledger of no day: %d %s", code, body)
	}
}
