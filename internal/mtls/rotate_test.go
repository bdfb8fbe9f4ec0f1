package mtls_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"testing"
	"time"

	"github.com/wardscope/wardscope/internal/mtls"
)

// By real handshakes: the certificate is the same for two thirds of its life, then another one of the
// same authority, under the same names.
func TestServerCertificateRotates(t *testing.T) {
	a := authority(t)
	at := time.Now().Add(-mtls.ServerLife*2/3 - time.Hour)
	r, err := a.Rotating([]string{"127.0.0.1"}, true, func() time.Time { return at })
	if err != nil {
		t.Fatal(err)
	}
	server := &tls.Config{MinVersion: tls.VersionTLS13, GetCertificate: r.Get}
	var chain []*x509.Certificate
	client := &tls.Config{MinVersion: tls.VersionTLS13, RootCAs: a.Pool(), ServerName: "127.0.0.1", VerifyConnection: func(s tls.ConnectionState) error {
		chain = s.PeerCertificates
		return nil
	}}
	shown := func() string {
		t.Helper()
		_, serverErr, clientErr := handshake(t, server, client)
		if serverErr != nil || clientErr != nil {
			t.Fatal(serverErr, clientErr)
		}
		if len(chain) != 2 || !bytes.Equal(chain[0].Raw, r.Leaf().Raw) {
			t.Fatalf("%d certificates are shown, or another one than Leaf says", len(chain))
		}
		return mtls.Serial(chain[0])
	}
	first := shown()
	if again := shown(); again != first {
		t.Error("another certificate in the same hour")
	}
	at = time.Now()
	second := shown()
	if second == first {
		t.Error("the certificate has run for two thirds of its life, and is still shown")
	}
	if again := shown(); again != second {
		t.Error("a new certificate with each handshake")
	}
	if _, err := a.Rotating(nil, false, time.Now); err == nil {
		t.Error("a certificate without names")
	}
}
