package fleet_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wardscope/wardscope/hub/fleet"
	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/internal/mtls"
)

// request is the signing request of a new key.
func request(t *testing.T) []byte {
	t.Helper()
	key, err := mtls.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	text, err := mtls.NewRequest(key)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// token makes one and returns its secret.
func token(t *testing.T, f *fleet.Fleet, w fleet.Wanted) (fleet.Token, string) {
	t.Helper()
	made, err := f.MakeToken(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := mtls.ParseToken(made.Text)
	if err != nil {
		t.Fatal(err)
	}
	return made, parsed.SecretText()
}

// refused fails unless err is a refusal of a cause, with words and a remedy.
func refused(t *testing.T, err error, cause string, words ...string) {
	t.Helper()
	refusal, ok := errors.AsType[*fleet.Refusal](err)
	if !ok || refusal.Cause != cause || refusal.Remedy == "" {
		t.Fatalf("got %+v (%v), want cause %s", refusal, err, cause)
	}
	for _, w := range words {
		if !strings.Contains(refusal.Text+"; "+refusal.Remedy, w) {
			t.Errorf("no %q in %q; %q", w, refusal.Text, refusal.Remedy)
		}
	}
}

func TestEnrolOnce(t *testing.T) {
	d := newDesk()
	f, a := newFleet(t, d)
	made, secret := token(t, f, fleet.Wanted{Site: "north", By: "admin"})
	if made.Sensor != "north-1" || made.URL != "https://hub.example:8443" || made.Expires != now.Add(time.Hour) || len(made.Fingerprint) != 64 {
		t.Errorf("token: %+v", made)
	}
	if next, _ := token(t, f, fleet.Wanted{Site: "north"}); next.Sensor != "north-2" {
		t.Errorf("next name: %s", next.Sensor)
	}
	for _, e := range d.tokens {
		if e.By == "admin" && (strings.Contains(made.Text, e.Digest) || e.Digest == secret || e.Site != "north") {
			t.Errorf("kept: %+v", e)
		}
	}
	mine := request(t)
	got, id, err := f.Enrol(t.Context(), fleet.Asked{Secret: secret, Request: mine, Site: "north", Sensor: "north-1", Remote: "192.0.2.7"})
	if err != nil || id != (mtls.Identity{Site: "north", Sensor: "north-1"}) {
		t.Fatal(id, err)
	}
	cert, err := mtls.ParseCertificate(got.CertificatePEM)
	if err != nil {
		t.Fatal(err)
	}
	if who, err := mtls.PeerIdentity(cert); err != nil || who != id || len(got.PrivateKeyPEM) != 0 || string(got.CAPEM) != string(a.PEM()) || !got.Expires.Equal(now.Add(24*time.Hour)) {
		t.Errorf("got %v %v, until %v", who, err, got.Expires)
	}
	again, _, err := f.Enrol(t.Context(), fleet.Asked{Secret: secret, Request: mine})
	if err != nil || string(again.CertificatePEM) != string(got.CertificatePEM) {
		t.Errorf("the same key again, because the answer was lost: got %v, want the same certificate", err)
	}
	_, id, err = f.Enrol(t.Context(), fleet.Asked{Secret: secret, Request: request(t)})
	refused(t, err, "used", "192.0.2.7", "wardscope sensors revoke north-1", "enroll-token --site north --sensor north-1")
	if id.Sensor != "north-1" {
		t.Errorf("a refusal is about %v", id)
	}
}

func TestEnrolRefuses(t *testing.T) {
	d := newDesk()
	f, _ := newFleet(t, d)
	_, secret := token(t, f, fleet.Wanted{Site: "north", Sensor: "n1"})
	good := fleet.Asked{Secret: secret, Request: request(t)}
	with := func(change func(*fleet.Asked)) fleet.Asked {
		out := good
		change(&out)
		return out
	}
	ask := func(a fleet.Asked) error {
		_, _, err := f.Enrol(t.Context(), a)
		return err
	}
	refused(t, ask(with(func(a *fleet.Asked) { a.Secret = "guess" })), "unknown", "enroll-token")
	refused(t, ask(with(func(a *fleet.Asked) { a.Site = "south" })), "site", "for site north, not south")
	refused(t, ask(with(func(a *fleet.Asked) { a.Sensor = "n2" })), "sensor", "for sensor n1, not n2")
	refused(t, ask(with(func(a *fleet.Asked) { a.Request = []byte("x") })), "request", "signing request")
	expired := d.tokens[state.EnrolmentDigest(secret)]
	expired.Expires = now.Add(-time.Second)
	d.tokens[expired.Digest] = expired
	refused(t, ask(good), "expired", "expired on 2026-11-24T11:59:59Z", "it is 2026-11-24T12:00:00Z at the hub")
	if len(d.done) != 0 {
		t.Errorf("registered all the same: %v", d.done)
	}

	_, secret = token(t, f, fleet.Wanted{Site: "north", Sensor: "n1"})
	d.denied["n1"] = state.Denial{Sensor: "n1", Since: now}
	refused(t, ask(fleet.Asked{Secret: secret, Request: request(t)}), "revoked", "after the token was made")
	d.denied["n1"] = state.Denial{Sensor: "n1", Since: now.Add(-time.Second)}
	_, secret = token(t, f, fleet.Wanted{Site: "north", Sensor: "n1"})
	if err := ask(fleet.Asked{Secret: secret, Request: request(t)}); err != nil || len(d.denied) != 0 {
		t.Errorf("a new enrolment lets a revoked sensor in: got %v, denied %v", err, d.denied)
	}
	d.fail["replace"] = state.ErrExists
	_, secret = token(t, f, fleet.Wanted{Site: "north", Sensor: "n5"})
	refused(t, ask(fleet.Asked{Secret: secret, Request: request(t)}), "sensor", "another site")
}

func TestMakeTokenRefuses(t *testing.T) {
	d := newDesk()
	f, _ := newFleet(t, d)
	d.sensors["n1"] = state.Sensor{Site: "north", ID: "n1"}
	for _, tc := range []struct {
		name string
		want fleet.Wanted
		err  error
		text string
	}{
		{name: "in use", want: fleet.Wanted{Site: "north", Sensor: "n1"}, err: fleet.ErrInUse},
		{name: "another site's", want: fleet.Wanted{Site: "south", Sensor: "n1", Replace: true}, err: state.ErrExists},
		{name: "too long", want: fleet.Wanted{Site: "north", Life: 8 * 24 * time.Hour}, text: "168h"},
		{name: "bad name", want: fleet.Wanted{Site: "north", Sensor: "N 1"}, text: `sensor "N 1"`},
	} {
		_, err := f.MakeToken(t.Context(), tc.want)
		if err == nil || tc.err != nil && !errors.Is(err, tc.err) || !strings.Contains(err.Error(), tc.text) {
			t.Errorf("%s: got %v", tc.name, err)
		}
	}
	if _, err := f.MakeToken(t.Context(), fleet.Wanted{Site: "north", Sensor: "n1", Replace: true}); err != nil {
		t.Errorf("replace: %v", err)
	}
	d.denied["n1"] = state.Denial{Sensor: "n1"}
	if _, err := f.MakeToken(t.Context(), fleet.Wanted{Site: "north", Sensor: "n1"}); err != nil {
		t.Errorf("revoked before: %v", err)
	}
}

// Of many who show one token at the same moment, one gets in.
func TestEnrolRace(t *testing.T) {
	d := newDesk()
	f, _ := newFleet(t, d)
	_, secret := token(t, f, fleet.Wanted{Site: "north", Sensor: "n1"})
	const many = 16
	var all, ready sync.WaitGroup
	ready.Add(many)
	var first sync.Map
	d.before = func() { // nobody writes before all have read the unused token
		if _, late := first.LoadOrStore(secret, true); !late {
			ready.Wait()
		}
	}
	var won, used sync.Map
	for i := range many {
		all.Go(func() {
			asked := fleet.Asked{Secret: secret, Request: request(t), Remote: string(rune('a' + i))}
			ready.Done()
			_, _, err := f.Enrol(t.Context(), asked)
			if refusal, ok := errors.AsType[*fleet.Refusal](err); ok && refusal.Cause == "used" {
				used.Store(i, true)
			} else if err == nil {
				won.Store(i, true)
			}
		})
	}
	all.Wait()
	count := func(m *sync.Map) (n int) {
		m.Range(func(any, any) bool { n++; return true })
		return n
	}
	if w, u := count(&won), count(&used); w != 1 || u != many-1 || len(d.sensors) != 1 || len(d.sensors[model.SensorID("n1")].Certificates) != 1 {
		t.Errorf("%d got in, %d were refused, %v", w, u, d.sensors)
	}
}

// A sensor gets one new certificate for a key, however often it asks; not for many keys in a row, not
// when it is shut out; and the certificate of before stays.
func TestRenew(t *testing.T) {
	d := newDesk()
	f, _ := newFleet(t, d)
	id := mtls.Identity{Site: "north", Sensor: "n1"}
	if _, _, err := f.Renew(t.Context(), id, request(t)); !errors.Is(err, state.ErrNotFound) {
		t.Errorf("never added: got %v", err)
	}
	old := state.Certificate{Serial: "1", Issued: now.Add(-16 * time.Hour), Expires: now.Add(8 * time.Hour)}
	d.sensors["n1"] = state.Sensor{Site: "north", ID: "n1", Certificates: []state.Certificate{old}}
	mine := request(t)
	text, made, err := f.Renew(t.Context(), id, mine)
	if err != nil || !made {
		t.Fatal(made, err)
	}
	cert, err := mtls.ParseCertificate(text)
	if err != nil {
		t.Fatal(err)
	}
	if who, err := mtls.PeerIdentity(cert); err != nil || who != id {
		t.Errorf("got %v %v", who, err)
	}
	if again, made, err := f.Renew(t.Context(), id, mine); err != nil || made || string(again) != string(text) {
		t.Errorf("the same key again: made %v, %v", made, err)
	}
	if _, _, err := f.Renew(t.Context(), id, request(t)); !errors.Is(err, fleet.ErrTooSoon) {
		t.Errorf("another key at once: got %v", err)
	}
	if got := d.sensors["n1"].Certificates; len(got) != 2 || got[0].Serial != "1" || got[1].Serial != mtls.Serial(cert) {
		t.Errorf("registered: %+v", got)
	}
	if _, _, err := f.Renew(t.Context(), id, []byte("x")); err == nil {
		t.Error("signed what is no request")
	}
	d.denied["n1"] = state.Denial{Sensor: "n1", Since: now}
	if _, _, err := f.Renew(t.Context(), id, mine); !errors.Is(err, fleet.ErrRevoked) {
		t.Errorf("shut out: got %v", err)
	}
}
