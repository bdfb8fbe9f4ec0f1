package wiring_test

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/wardscope/wardscope/hub/client"
	"github.com/wardscope/wardscope/hub/wiring"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

// tokenURL is the address that goes with a token.
func tokenURL(t *testing.T, h *wiring.Hub) string {
	t.Helper()
	c, err := client.Dial(t.Context(), client.Config{Address: h.Address(), Token: h.NewToken(), CAFile: h.AuthorityFile()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	answer, err := c.Sensors.CreateEnrolmentToken(t.Context(), &hubv1.CreateEnrolmentTokenRequest{Site: "north"})
	if err != nil {
		t.Fatal(err)
	}
	return answer.GetHubUrl()
}

// post asks the door and returns what it says.
func post(t *testing.T, address string, versions *tls.Config) (string, error) {
	t.Helper()
	web := &http.Client{Transport: &http.Transport{TLSClientConfig: versions, DisableKeepAlives: true}}
	r, err := web.Post("https://"+address+"/enrol/v1", "application/json", strings.NewReader(`{"secret":"guess"}`))
	if err != nil {
		return "", err
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if r.TLS.Version != tls.VersionTLS13 || len(r.TLS.PeerCertificates) != 2 {
		t.Errorf("TLS %x with %d certificates, want 1.3 with the authority's in the chain", r.TLS.Version, len(r.TLS.PeerCertificates))
	}
	return string(text), err
}

// Sensors enrol where the API answers, or at a listener of their own which answers nothing else; both
// under the name that the hub has for others, and under TLS 1.3 only.
func TestEnrolmentListener(t *testing.T) {
	for _, own := range []bool{false, true} {
		cfg := config(t)
		cfg.Names = []string{"hub.example.org"}
		if own {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			cfg.Enrolment.Listen = l.Addr().String()
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
		}
		serve(t, cfg, func(h *wiring.Hub) {
			_, apiPort, err := net.SplitHostPort(h.Address())
			if err != nil {
				t.Fatal(err)
			}
			address := h.Address()
			if own {
				address = cfg.Enrolment.Listen
			}
			_, port, err := net.SplitHostPort(address)
			if err != nil {
				t.Fatal(err)
			}
			if got := tokenURL(t, h); got != "https://hub.example.org:"+port {
				t.Errorf("sensors are sent to %s", got)
			}
			if text, err := post(t, address, &tls.Config{InsecureSkipVerify: true}); err != nil || !strings.Contains(text, "unknown") {
				t.Errorf("got %q %v", text, err)
			}
			if _, err := post(t, address, &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS12}); err == nil {
				t.Error("TLS 1.2 got in")
			}
			if own {
				if text, _ := post(t, "127.0.0.1:"+apiPort, &tls.Config{InsecureSkipVerify: true}); strings.Contains(text, "unknown") {
					t.Error("the API answers sensors too")
				}
			}
		})
	}
}

func TestEnrolmentConfiguration(t *testing.T) {
	cfg := wiring.DefaultConfig()
	cfg.Enrolment.Listen, cfg.Enrolment.CertificateLife = "8444", 1
	err := cfg.Validate()
	if err == nil || !strings.Contains(err.Error(), "enrolment.listen") || !strings.Contains(err.Error(), "enrolment.certificate_life") {
		t.Errorf("got %v", err)
	}
	cfg = config(t)
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	cfg.Enrolment.Listen = busy.Addr().String()
	_, err = wiring.Open(t.Context(), cfg, "test", quiet())
	if _, ok := errors.AsType[*wiring.PortError](err); !ok || !strings.Contains(err.Error(), "enrolment.listen") || wiring.ExitCode(err) != 2 {
		t.Errorf("a port in use: got %v", err)
	}
}
