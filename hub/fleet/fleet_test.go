package fleet_test

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/hub/fleet"
	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/internal/mtls"
)

var now = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// desk records what the fleet does, in order, and keeps what control state would.
type desk struct {
	mu      sync.Mutex
	done    []string
	fail    map[string]error
	denied  map[model.SensorID]state.Denial
	tokens  map[string]state.Enrolment
	turns   map[string]uint64 // revisions of tokens
	sensors map[model.SensorID]state.Sensor
	before  func() // a token is used
}

func (d *desk) note(what string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.done = append(d.done, what)
	verb, _, _ := strings.Cut(what, " ")
	return d.fail[verb]
}

func (d *desk) RegisterSensor(_ context.Context, id mtls.Identity, c state.Certificate) error {
	if !c.Issued.Equal(now) || !c.Expires.After(now) || c.Serial == "" {
		return errors.New("certificate without serial or times")
	}
	if err := d.note("register " + id.String()); err != nil {
		return err
	}
	s := d.sensors[id.Sensor]
	s.Site, s.ID, s.Certificates = id.Site, id.Sensor, append(s.Certificates, c)
	d.sensors[id.Sensor] = s
	return nil
}

func (d *desk) ReplaceSensor(_ context.Context, id mtls.Identity, c state.Certificate, asked time.Time) error {
	if err := d.note("replace " + id.String()); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if old, ok := d.denied[id.Sensor]; ok && !old.Since.Before(asked) {
		return state.ErrNotAdmitted
	}
	delete(d.denied, id.Sensor)
	d.sensors[id.Sensor] = state.Sensor{Site: id.Site, ID: id.Sensor, Certificates: []state.Certificate{c}}
	return nil
}

func (d *desk) Deny(_ context.Context, x state.Denial) error {
	d.denied[x.Sensor] = x
	return d.note("deny " + string(x.Sensor) + " " + x.Reason)
}

func (d *desk) Denial(_ context.Context, id model.SensorID) (state.Denial, error) {
	if x, ok := d.denied[id]; ok {
		return x, nil
	}
	return state.Denial{}, state.ErrNotFound
}

func (d *desk) Denials(context.Context) ([]state.Denial, error) {
	return slices.Collect(maps.Values(d.denied)), nil
}

func (d *desk) Sensors(context.Context) ([]state.Sensor, error) {
	return slices.Collect(maps.Values(d.sensors)), d.fail["list"]
}

func (d *desk) Sensor(_ context.Context, id model.SensorID) (state.Sensor, error) {
	if s, ok := d.sensors[id]; ok {
		return s, nil
	}
	return state.Sensor{}, state.ErrNotFound
}

func (d *desk) PutEnrolment(_ context.Context, e state.Enrolment) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.tokens[e.Digest], d.turns[e.Digest] = e, 1
	return nil
}

func (d *desk) Enrolment(_ context.Context, secret string) (state.Enrolment, uint64, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	e, ok := d.tokens[state.EnrolmentDigest(secret)]
	if !ok {
		return e, 0, state.ErrNotFound
	}
	return e, d.turns[e.Digest], nil
}

func (d *desk) UseEnrolment(_ context.Context, e state.Enrolment, revision uint64) error {
	if d.before != nil {
		d.before()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.turns[e.Digest] != revision {
		return state.ErrConflict
	}
	d.tokens[e.Digest], d.turns[e.Digest] = e, revision+1
	return nil
}

func (d *desk) Enrolments(context.Context) ([]state.Enrolment, error) {
	return slices.Collect(maps.Values(d.tokens)), nil
}

func (d *desk) AwaitDenial(_ context.Context, id model.SensorID) error {
	return d.note("await " + string(id))
}

func (d *desk) SensorURL() string { return "tls://hub.example:4222" }
func (d *desk) Kick(_ context.Context, id model.SensorID) (int, error) {
	return 1, d.note("kick " + string(id))
}

func newDesk() *desk {
	return &desk{
		fail: map[string]error{}, denied: map[model.SensorID]state.Denial{}, tokens: map[string]state.Enrolment{}, turns: map[string]uint64{}, sensors: map[model.SensorID]state.Sensor{},
	}
}

func newFleet(t *testing.T, d *desk) (*fleet.Fleet, *mtls.Authority) {
	t.Helper()
	a, err := mtls.NewAuthority("test", now)
	if err != nil {
		t.Fatal(err)
	}
	return fleet.New(fleet.Deps{
		Authority: a, Registry: d, Gate: d, Roll: d, EnrolURL: func() string { return "https://hub.example:8443" }, Life: 24 * time.Hour,
		Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return now },
	}), a
}

func TestAdd(t *testing.T) {
	d := newDesk()
	f, a := newFleet(t, d)
	got, err := f.Add(t.Context(), "north", "n1")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"register wardscope://north/n1"}, d.done); diff != "" {
		t.Error(diff)
	}
	pair := mtls.Pair{CertPEM: got.CertificatePEM, KeyPEM: got.PrivateKeyPEM}
	c, err := pair.TLS()
	if err != nil {
		t.Fatal(err)
	}
	if id, err := mtls.PeerIdentity(c.Leaf); err != nil || id != (mtls.Identity{Site: "north", Sensor: "n1"}) {
		t.Errorf("certificate: got %v %v", id, err)
	}
	if string(got.CAPEM) != string(a.PEM()) || got.NATSURL != "tls://hub.example:4222" {
		t.Errorf("authority or address: got %s", got.NATSURL)
	}
	want := `# Sensor n1 at site north. Put this file, n1.pem, n1-key.pem and ca.pem
# into one folder, set the interface, and run there: wardscope-sensor run --config n1.yaml
site: north
sensor: n1
hub:
  nats: tls://hub.example:4222
  ca: ca.pem
  certificate: n1.pem
  key: n1-key.pem
capture:
  interfaces: [eth1] # the mirror port; it needs no address
spool:
  dir: spool # batches wait here while the hub is away
`
	if diff := cmp.Diff(want, got.ConfigYAML); diff != "" {
		t.Error(diff)
	}
}

func TestOtherWaysStandInTheConfiguration(t *testing.T) {
	d := newDesk()
	_, a := newFleet(t, d)
	f := fleet.New(fleet.Deps{
		Life: time.Hour, Authority: a, Registry: d, Gate: d, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return now },
		Ways: func() fleet.Ways {
			return fleet.Ways{WebSocket: "wss://hub.example:443", GRPC: "grpc://hub.example:8444"}
		},
	})
	got, err := f.Add(t.Context(), "north", "n1")
	if want := "  nats: tls://hub.example:4222\n  websocket: wss://hub.example:443\n  grpc: grpc://hub.example:8444\n  ca: ca.pem\n"; err != nil || !strings.Contains(got.ConfigYAML, want) {
		t.Errorf("got %v\n%s", err, got.ConfigYAML)
	}
}

func TestAddRefuses(t *testing.T) {
	for _, tc := range []struct{ name, site, sensor, want string }{
		{name: "site", site: "North", sensor: "n1", want: `site "North"`},
		{name: "sensor", site: "north", sensor: "n.1", want: `sensor "n.1"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := newDesk()
			f, _ := newFleet(t, d)
			_, err := f.Add(t.Context(), model.SiteID(tc.site), model.SensorID(tc.sensor))
			if err == nil || !strings.Contains(err.Error(), tc.want) || len(d.done) != 0 {
				t.Errorf("got %v after %v", err, d.done)
			}
		})
	}
	d := newDesk()
	d.fail["register"] = state.ErrExists
	f, _ := newFleet(t, d)
	if _, err := f.Add(t.Context(), "north", "n1"); !errors.Is(err, state.ErrExists) {
		t.Errorf("got %v, want exists", err)
	}
}

func TestRevokeDeniesBeforeItKicks(t *testing.T) {
	d := newDesk()
	f, _ := newFleet(t, d)
	if err := f.Revoke(t.Context(), "n1", "stolen"); !errors.Is(err, state.ErrNotFound) {
		t.Errorf("one that was never added: got %v", err)
	}
	d.sensors["n1"] = state.Sensor{Site: "north", ID: "n1"}
	if err := f.Revoke(t.Context(), "n1", "stolen\x1b[2J"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{`deny n1 stolen\x1b[2J`, "await n1", "kick n1"}, d.done); diff != "" {
		t.Error(diff)
	}
	d.fail = map[string]error{"kick": errors.New("no answer")}
	if err := f.Revoke(t.Context(), "n1", ""); err == nil || !strings.Contains(err.Error(), "perhaps still connected") {
		t.Errorf("got %v", err)
	}
	d.done, d.fail = nil, map[string]error{"deny": errors.New("full")}
	if err := f.Revoke(t.Context(), "n1", ""); err == nil || len(d.done) != 1 {
		t.Errorf("got %v after %v, want no kick", err, d.done)
	}
	if got, err := f.Denials(t.Context()); err != nil || len(got) != 1 {
		t.Errorf("denials: got %v %v", got, err)
	}
	if _, err := f.Add(t.Context(), "north", "n1"); !errors.Is(err, fleet.ErrRevoked) {
		t.Errorf("added although shut out: got %v", err)
	}
	if got, err := f.List(t.Context()); err != nil || len(got) != 1 {
		t.Errorf("list: got %v %v", got, err)
	}
}

func TestHealth(t *testing.T) {
	fresh := fleet.Sight{LastReceived: now.Add(-time.Minute), Packets: 10_000, TCPConversations: 100}
	with := func(change func(*fleet.Sight)) fleet.Sight {
		s := fresh
		change(&s)
		return s
	}
	reporting := func(change func(*fleet.Report), also ...func(*fleet.Sight)) fleet.Sight {
		r := &fleet.Report{Received: now.Add(-5 * time.Second)}
		change(r)
		s := fresh
		s.Report = r
		for _, f := range also {
			f(&s)
		}
		return s
	}
	for _, tc := range []struct {
		name  string
		sight fleet.Sight
		want  fleet.State
		words string
	}{
		{name: "revoked", sight: with(func(s *fleet.Sight) { s.Revoked, s.Pause = &state.Denial{Since: now, Reason: "stolen"}, "x" }), want: fleet.StateRevoked, words: "revoked on 2026-11-24 12:00:00: stolen"},
		{name: "never", want: fleet.StateNeverSeen, words: "never"},
		{name: "well", sight: fresh, want: fleet.StateOK},
		{name: "silent", sight: with(func(s *fleet.Sight) { s.LastReceived = now.Add(-time.Hour) }), want: fleet.StateSilent, words: "1h0m0s"},
		{name: "drops", sight: with(func(s *fleet.Sight) { s.Dropped = 500 }), want: fleet.StateDropping, words: "4.8 %"},
		{name: "few drops", sight: with(func(s *fleet.Sight) { s.Dropped = 5 }), want: fleet.StateOK},
		{name: "shed", sight: with(func(s *fleet.Sight) { s.ShedBatches = 2 }), want: fleet.StateDropping, words: "2 batches"},
		{name: "one way", sight: with(func(s *fleet.Sight) { s.TCPOneWay = 90 }), want: fleet.StateHalfBlind, words: "90 %"},
		{name: "one way of few", sight: with(func(s *fleet.Sight) { s.TCPConversations, s.TCPOneWay = 4, 4 }), want: fleet.StateOK},
		{name: "lagging", sight: reporting(func(r *fleet.Report) { r.Lag, r.Waiting = 2*time.Minute, 7 }), want: fleet.StateLagging, words: "7 batches wait, the oldest for 2m"},
		{name: "skewed clock", sight: reporting(func(r *fleet.Report) { r.ClockOffset, r.ClockError = -3*time.Hour, time.Millisecond }), want: fleet.StateSkewedClock, words: "-3h0m0s"},
		{name: "clock not measured", sight: reporting(func(r *fleet.Report) { r.ClockOffset = time.Hour }), want: fleet.StateOK},
		{name: "within what can be measured", sight: reporting(func(r *fleet.Report) { r.ClockOffset, r.ClockError = 3*time.Second, 4*time.Second }), want: fleet.StateOK},
		{name: "gives up now", sight: reporting(func(r *fleet.Report) { r.Shed, r.Shedding = 9, true }), want: fleet.StateDropping, words: "9 so far"},
		{name: "gave up long ago", sight: reporting(func(r *fleet.Report) { r.Shed = 9 }), want: fleet.StateOK},
		{name: "old report", sight: reporting(func(r *fleet.Report) { r.Lag, r.Received = time.Hour, now.Add(-2*time.Minute) }), want: fleet.StateOK},
		{name: "reports, no batches", sight: reporting(func(*fleet.Report) {}, func(s *fleet.Sight) { s.LastReceived = now.Add(-time.Hour) }), want: fleet.StateOK},
		{name: "paused", sight: reporting(func(r *fleet.Report) { r.Paused = true }, func(s *fleet.Sight) { s.Pause = "CHG-1" }), want: fleet.StatePaused, words: "CHG-1"},
		{name: "paused and silent", sight: with(func(s *fleet.Sight) { s.LastReceived, s.Pause = now.Add(-time.Hour), "CHG-1" }), want: fleet.StatePaused, words: "CHG-1"},
		{name: "pause not followed", sight: reporting(func(r *fleet.Report) { r.Lag = time.Hour }, func(s *fleet.Sight) { s.Pause = "CHG-1" }), want: fleet.StateLagging},
		{name: "silent mirror", sight: reporting(func(r *fleet.Report) { r.Live, r.LastPacket = true, now.Add(-65*time.Second) }), want: fleet.StateBlind, words: "silent: its mirror has shown not one packet for 1m5s"},
		{name: "silent file", sight: reporting(func(r *fleet.Report) { r.LastPacket = now.Add(-time.Hour) }), want: fleet.StateOK},
		{name: "broadcast only", sight: reporting(func(r *fleet.Report) {
			r.Live, r.LastPacket, r.Packets, r.Group, r.SincePackets, r.SinceGroup = true, now, 1100, 990, 100, 0
		}), want: fleet.StateBlind, words: "broadcast only: 99 %"},
		{name: "much broadcast", sight: reporting(func(r *fleet.Report) { r.Live, r.LastPacket, r.Packets, r.Group = true, now, 1000, 900 }), want: fleet.StateOK},
		{name: "few of them", sight: reporting(func(r *fleet.Report) { r.Live, r.LastPacket, r.Packets, r.Group = true, now, 20, 20 }), want: fleet.StateOK},
		{name: "truncated", sight: with(func(s *fleet.Sight) { s.Truncated = 6000 }), want: fleet.StateHalfBlind, words: "truncated: 60 %"},
		{name: "wrong VLAN", sight: reporting(func(r *fleet.Report) { r.Expected = []uint16{0, 110, 999} }, func(s *fleet.Sight) { s.VLANs = map[uint16]uint64{110: 5} }), want: fleet.StateHalfBlind, words: "wrong VLAN: its mirror should carry untagged frames, 999"},
		{name: "right VLANs", sight: reporting(func(r *fleet.Report) { r.Expected = []uint16{110} }, func(s *fleet.Sight) { s.VLANs = map[uint16]uint64{110: 5} }), want: fleet.StateOK},
		{name: "twice", sight: with(func(s *fleet.Sight) { s.Duplicates = 5000 }), want: fleet.StateHalfBlind, words: "50 %"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, words := fleet.Health(tc.sight, now)
			if got != tc.want || !strings.Contains(words, tc.words) {
				t.Errorf("got %d %q, want %d about %q", got, words, tc.want, tc.words)
			}
		})
	}
}
