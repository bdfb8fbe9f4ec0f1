package api_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/hub/access"
	"github.com/wardscope/wardscope/hub/api"
	"github.com/wardscope/wardscope/hub/client"
	"github.com/wardscope/wardscope/hub/exposure"
	"github.com/wardscope/wardscope/hub/fleet"
	"github.com/wardscope/wardscope/hub/inventory/knowledge"
	"github.com/wardscope/wardscope/hub/inventory/live"
	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/hub/store/storetest"
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/internal/mtls"
)

var update = flag.Bool("update", false, "write the goldens anew")

// now is the time of the hub; what the store holds was seen in the hour before.
var now = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

const secret = "ws_test"

type tokens struct{}

func (tokens) CheckAdminToken(_ context.Context, token string) (bool, error) {
	return token == secret, nil
}

// control is control state in memory.
type control struct {
	mu    sync.Mutex
	sites state.Sites
	zones state.Zones

	corrections []state.Correction
	registers   []state.Register
	operated
}

func (c *control) Sites(context.Context) (state.Sites, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.sites, nil
}

func (c *control) PutSites(_ context.Context, v state.Sites, expected uint64) (uint64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if expected != 0 && expected != c.sites.Revision {
		return 0, state.ErrConflict
	}
	v.Revision = c.sites.Revision + 1
	c.sites = v
	return v.Revision, nil
}

func (c *control) Zones(context.Context) (state.Zones, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.zones, nil
}

func (c *control) PutZones(_ context.Context, v state.Zones, _ uint64) (uint64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.zones = v
	return 1, nil
}

func (c *control) AddCorrection(_ context.Context, v state.Correction) (uint64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	v.ID = uint64(len(c.corrections) + 1)
	c.corrections = append(c.corrections, v)
	return v.ID, nil
}

func (c *control) Corrections(context.Context) ([]state.Correction, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.corrections), nil
}

func (c *control) PutRegister(_ context.Context, r state.Register) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.registers = append(slices.DeleteFunc(c.registers, func(old state.Register) bool { return old.Name == r.Name }), r)
	return nil
}

func (c *control) Registers(context.Context) ([]state.Register, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.registers), nil
}

func (c *control) DeleteRegister(_ context.Context, name string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	before := len(c.registers)
	c.registers = slices.DeleteFunc(slices.Clone(c.registers), func(r state.Register) bool { return r.Name == name })
	if len(c.registers) == before {
		return state.ErrNotFound
	}
	return nil
}

// sensors is a fleet of three, one of which never sent anything.
type sensors struct{}

func (sensors) List(context.Context) ([]state.Sensor, error) {
	return []state.Sensor{{Site: "north", ID: "n1", Added: now}, {Site: "south", ID: "s1", Added: now}, {Site: "south", ID: "s2", Added: now}}, nil
}

func (sensors) Add(_ context.Context, site model.SiteID, sensor model.SensorID) (fleet.Enrolled, error) {
	if sensor == "n1" && site != "north" {
		return fleet.Enrolled{}, state.ErrExists
	}
	return fleet.Enrolled{Site: site, Sensor: sensor, CertificatePEM: []byte("cert"), PrivateKeyPEM: []byte("key"), CAPEM: []byte("ca"), NATSURL: "tls://hub:4222", ConfigYAML: "site: x\n"}, nil
}

func (sensors) Denials(context.Context) ([]state.Denial, error) { return nil, nil }

func (sensors) MakeToken(_ context.Context, w fleet.Wanted) (fleet.Token, error) {
	switch {
	case w.Sensor == "n1" && w.Site != "north":
		return fleet.Token{}, state.ErrExists
	case w.Sensor == "n1" && !w.Replace:
		return fleet.Token{}, fleet.ErrInUse
	case w.Sensor == "":
		w.Sensor = model.SensorID(w.Site) + "-1"
	}
	return fleet.Token{Text: "wset_x", Sensor: w.Sensor, Expires: now.Add(w.Life), URL: "https://hub:8443", Fingerprint: "ab"}, nil
}

func (sensors) Revoke(_ context.Context, id model.SensorID, _ string) error {
	if id != "n1" {
		return state.ErrNotFound
	}
	return nil
}

// hub is a running API on a store that holds a small hospital.
type hub struct {
	address, ca string
	web         *http.Client
	store       *store.Store
	keeper      *live.Keeper
	control     *control
	deps        api.Deps
}

// at is the same hub at another time.
func (h *hub) at(t *testing.T, when time.Time) *hub {
	t.Helper()
	later, deps := *h, h.deps
	deps.Now = func() time.Time { return when }
	serve(t, &later, deps)
	return &later
}

func start(t *testing.T) *hub {
	t.Helper()
	s := storetest.Open(t)
	hospital(t, s)
	set, err := knowledge.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	ratings, err := exposure.LoadRatings()
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	clock := func() time.Time { return now }
	h := &hub{store: s, control: &control{}}
	h.control.sites = state.Sites{Revision: 3, Sites: []state.Site{
		{ID: "north", Name: "North", Realm: "wan", Prefixes: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("198.51.100.0/24")},
			Departments: []state.Department{{Name: "radiology", Prefixes: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/24")}}}},
		{ID: "south", Name: "South", Realm: "wan", Prefixes: []netip.Prefix{netip.MustParsePrefix("10.2.0.0/16")}},
	}, Partners: []state.Partner{{Name: "records", Prefixes: []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24")}}}}
	h.keeper = live.New(live.DefaultConfig(), live.Deps{Reader: s, Writer: s, Knowledge: set, Now: clock, Log: log})
	h.keeper.SetSites(h.control.sites)
	if err := h.keeper.Resolve(t.Context()); err != nil {
		t.Fatal(err)
	}
	serve(t, h, api.Deps{Store: s, Keeper: h.keeper, State: h.control, Fleet: sensors{}, Guard: access.New(access.Deps{Tokens: tokens{}, Now: clock}), Ratings: ratings,
		Version: "test", Now: clock, Log: log, Pending: func(context.Context) (uint64, error) { return 7, nil }})
	return h
}

func serve(t testing.TB, h *hub, deps api.Deps) {
	t.Helper()
	h.deps = deps
	authority, err := mtls.NewAuthority("test", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	pair, err := authority.Server([]string{"127.0.0.1"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	cert, err := pair.TLS()
	if err != nil {
		t.Fatal(err)
	}
	srv, err := api.New(api.Config{TLS: &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS13}}, deps)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- srv.Run(ctx, ln) }()
	h.address, h.ca = ln.Addr().String(), filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(h.ca, authority.PEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: authority.Pool(), MinVersion: tls.VersionTLS13}, ForceAttemptHTTP2: true}
	h.web = &http.Client{Transport: transport}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		stop()
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
}

func (h *hub) dial(t testing.TB, token string) *client.Client {
	t.Helper()
	c, err := client.Dial(context.Background(), client.Config{Address: h.address, Token: token, CAFile: h.ca})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// ask makes a REST call and returns status and body, JSON made readable.
func (h *hub) ask(t *testing.T, method, path, body, token string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, "https://"+h.address+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := h.web.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(res.Body)
	if err := errors.Join(err, res.Body.Close()); err != nil {
		t.Fatal(err)
	}
	raw = bytes.ReplaceAll(raw, []byte("\u00a0"), []byte(" ")) // protobuf varies its blanks by build, so that nobody compares its texts
	var v any
	if json.Unmarshal(raw, &v) != nil {
		return res.StatusCode, string(raw)
	}
	var pretty bytes.Buffer
	enc := json.NewEncoder(&pretty)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, pretty.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}
