package access_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/wardscope/wardscope/hub/access"
)

type tokens struct {
	good  string
	err   error
	asked int
}

func (k *tokens) CheckAdminToken(_ context.Context, token string) (bool, error) {
	k.asked++
	return token == k.good, k.err
}

func TestCheck(t *testing.T) {
	now := time.Unix(1000, 0)
	k := &tokens{good: "ws_secret"}
	g := access.New(access.Deps{Tokens: k, Now: func() time.Time { return now }})
	for header, want := range map[string]bool{
		"Bearer ws_secret": true, "bearer ws_secret": true, "Bearer  ws_secret ": true,
		"": false, "Bearer": false, "Bearer ": false, "Bearer wrong": false, "Basic ws_secret": false, "ws_secret": false, "Bearer " + strings.Repeat("x", 5000): false,
	} {
		p, err := g.Check(t.Context(), header)
		if (err == nil) != want || !want && !errors.Is(err, access.ErrDenied) {
			t.Errorf("%.20q: got %v, want allowed %v", header, err, want)
		}
		if want && (p.Name != "admin" || p.Role != access.Admin) {
			t.Errorf("%q: got %+v", header, p)
		}
	}
}

func TestAGoodTokenIsRememberedForSeconds(t *testing.T) {
	now := time.Unix(1000, 0)
	k := &tokens{good: "a"}
	g := access.New(access.Deps{Tokens: k, Now: func() time.Time { return now }})
	for range 3 {
		if _, err := g.Check(t.Context(), "Bearer a"); err != nil {
			t.Fatal(err)
		}
	}
	if k.asked != 1 {
		t.Errorf("asked %d times, want once", k.asked)
	}
	k.good = "b" // replaced
	now = now.Add(time.Minute)
	if _, err := g.Check(t.Context(), "Bearer a"); !errors.Is(err, access.ErrDenied) {
		t.Errorf("a replaced token: got %v", err)
	}
	k.err = errors.New("down")
	if _, err := g.Check(t.Context(), "Bearer b"); err == nil || errors.Is(err, access.ErrDenied) {
		t.Errorf("when tokens cannot be checked: got %v, want another error than denial", err)
	}
}

func TestPrincipalInContext(t *testing.T) {
	if p := access.From(t.Context()); p.Name != "" {
		t.Errorf("got %+v", p)
	}
	if p := access.From(access.With(t.Context(), access.Principal{Name: "x"})); p.Name != "x" {
		t.Errorf("got %+v", p)
	}
}
