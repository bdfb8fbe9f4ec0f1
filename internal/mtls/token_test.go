package mtls_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/wardscope/wardscope/internal/mtls"
)

func TestToken(t *testing.T) {
	token := mtls.NewToken(authority(t).Fingerprint())
	text := token.String()
	for _, copied := range []string{text, " " + text + "\n", text[:30] + "\n   " + text[30:]} {
		if got, err := mtls.ParseToken(copied); err != nil || got != token {
			t.Errorf("%q: got %v", copied, err)
		}
	}
	changed := []byte(text)
	changed[20] ^= 1
	for name, bad := range map[string]string{"empty": "", "cut": text[:len(text)-3], "mistyped": string(changed), "another kind": strings.Replace(text, "wset_", "ws_", 1), "longer": text + "AAAA"} {
		if _, err := mtls.ParseToken(bad); !errors.Is(err, mtls.ErrToken) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if strings.Contains(text, token.SecretText()) && token.SecretText() == "" {
		t.Error("no secret")
	}
	if mtls.NewToken(token.Fingerprint).Secret == token.Secret {
		t.Error("two tokens are the same")
	}
}

func FuzzParseToken(f *testing.F) {
	f.Add(mtls.NewToken([32]byte{1}).String())
	f.Add("wset_")
	f.Fuzz(func(t *testing.T, text string) {
		if token, err := mtls.ParseToken(text); err == nil && token.String() != strings.Join(strings.Fields(text), "") {
			t.Errorf("%q reads as %q", text, token)
		}
	})
}

func TestSignTakesTheKeyAndNothingElse(t *testing.T) {
	a := authority(t)
	key, err := mtls.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	request, err := mtls.NewRequest(key)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	signed, err := a.Sign(request, sensor, now, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := mtls.ParseCertificate(signed.CertPEM)
	if err != nil {
		t.Fatal(err)
	}
	if id, err := mtls.PeerIdentity(cert); err != nil || id != sensor || mtls.Serial(cert) != signed.Serial {
		t.Errorf("got %v %v", id, err)
	}
	if !cert.NotAfter.Equal(signed.Expires) || signed.Expires.Sub(now) > time.Hour {
		t.Errorf("ends %v, want an hour from %v", signed.Expires, now)
	}
	mine, err := mtls.KeyID(key.Public())
	if theirs, err2 := mtls.KeyID(cert.PublicKey); err != nil || err2 != nil || mine != theirs {
		t.Error("another key was certified")
	}
	text, err := mtls.KeyPEM(key)
	if err != nil {
		t.Fatal(err)
	}
	back, err := mtls.ParseKey(append(signed.CertPEM, text...))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := mtls.KeyID(back.Public()); err != nil || got != mine {
		t.Errorf("key read back behind its certificate: another one, %v", err)
	}
	if _, err := mtls.ParseKey(signed.CertPEM); err == nil {
		t.Error("a certificate was read as a key")
	}
}

func TestRequestKeyRefuses(t *testing.T) {
	large, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	other, err := mtls.NewRequest(large)
	if err != nil {
		t.Fatal(err)
	}
	key, err := mtls.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	forged, err := mtls.NewRequest(key)
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(forged)
	block.Bytes[len(block.Bytes)-1] ^= 1 // of the signature
	for name, bad := range map[string][]byte{
		"empty": nil, "no PEM": []byte("x"), "another curve": other, "signature of another": pem.EncodeToMemory(block),
		"a certificate": authority(t).PEM(), "too long": make([]byte, 1<<20), "junk": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: []byte("x")}),
	} {
		if _, err := mtls.RequestKey(bad); err == nil || !strings.HasPrefix(err.Error(), "read signing request: ") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func FuzzRequestKey(f *testing.F) {
	key, err := mtls.NewKey()
	if err != nil {
		f.Fatal(err)
	}
	request, err := mtls.NewRequest(key)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(request)
	f.Fuzz(func(_ *testing.T, text []byte) { _, _ = mtls.RequestKey(text) }) // it must not panic
}
