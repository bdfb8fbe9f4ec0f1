package mtls_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wardscope/wardscope/internal/mtls"
)

func read(t *testing.T, dir, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func words(list ...string) (out [][]byte) {
	for _, w := range list {
		out = append(out, []byte(w))
	}
	return out
}

// A key goes from the clear to the folder's own passphrase, to a person's, to another, and is the
// same authority all the while; without the right one it does not open, and the error says what to set.
func TestAuthorityKeyIsEncryptedAndMoves(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "ca")
	first, err := mtls.OpenAuthority(dir, "hub", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	sealed := read(t, dir, mtls.AuthorityKeyFile)
	own := []byte(read(t, dir, mtls.UnlockFile))
	plain, by, was, err := mtls.OpenKey([]byte(sealed), own)
	if err != nil || !was || by != 0 || !strings.Contains(string(plain), "BEGIN PRIVATE KEY") || !strings.Contains(sealed, "ENCRYPTED") {
		t.Fatalf("made with the key in the clear: %v\n%s", err, sealed)
	}
	if info, err := os.Stat(filepath.Join(dir, mtls.UnlockFile)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
	// As a hub of before left it.
	if err := os.WriteFile(filepath.Join(dir, mtls.AuthorityKeyFile), plain, 0o600); err != nil {
		t.Fatal(err)
	}
	open := func(passphrases ...string) error {
		a, err := mtls.Folder{Dir: dir, Name: "hub", Passphrases: words(passphrases...)}.Open(time.Now())
		if err == nil && a.Fingerprint() != first.Fingerprint() {
			t.Error("another authority")
		}
		if key := read(t, dir, mtls.AuthorityKeyFile); !strings.Contains(key, "ENCRYPTED") {
			t.Errorf("the key lies in the clear after opening by %q", passphrases)
		}
		return err
	}
	gone := func() bool {
		_, err := os.Stat(filepath.Join(dir, mtls.UnlockFile))
		return errors.Is(err, os.ErrNotExist)
	}
	for _, step := range []struct {
		with []string
		text string // of the error; "" for none
		own  bool   // the folder has a passphrase of its own afterwards
	}{
		{nil, "", true},
		{[]string{"one"}, "", false},
		{[]string{"one"}, "", false},
		{nil, "set authority.passphrase_file", false},
		{[]string{"two"}, "authority.old_passphrase_file", false},
		{[]string{"two", "one"}, "", false},
		{[]string{"two"}, "", false},
		{[]string{"one"}, "none of the passphrases opens it", false},
	} {
		err := open(step.with...)
		if step.text == "" && err != nil || step.text != "" && (!errors.Is(err, mtls.ErrPassphrase) || !strings.Contains(err.Error(), step.text)) {
			t.Errorf("%q: got %v, want %q", step.with, err, step.text)
		}
		if gone() == step.own {
			t.Errorf("%q: the folder's own passphrase is there: %v", step.with, !gone())
		}
	}
}

func TestOpenKeyRefuses(t *testing.T) {
	sealed, err := mtls.SealKey([]byte("secret"), []byte("p"))
	if err != nil {
		t.Fatal(err)
	}
	if again, err := mtls.SealKey([]byte("secret"), []byte("p")); err != nil || string(again) == string(sealed) {
		t.Errorf("two encryptions are the same: %v", err)
	}
	changed := strings.Replace(string(sealed), "Log-N: 15", "Log-N: 14", 1)
	for name, text := range map[string]string{
		"other parameters": changed, "huge cost": strings.Replace(string(sealed), "Log-N: 15", "Log-N: 40", 1), "no salt": strings.Replace(string(sealed), "Salt: ", "Salt: %", 1),
		"another function": strings.Replace(string(sealed), "scrypt", "none", 1),
	} {
		if _, _, _, err := mtls.OpenKey([]byte(text), []byte("p")); err == nil {
			t.Errorf("%s: opened", name)
		}
	}
	if key, _, was, err := mtls.OpenKey([]byte("clear")); err != nil || was || string(key) != "clear" {
		t.Errorf("a text in the clear: %q %v %v", key, was, err)
	}
}

func TestReadPassphrases(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	got, err := mtls.ReadPassphrases(file("a", "correct horse battery\n"), "", file("b", "another horse here"))
	if err != nil || len(got) != 2 || string(got[0]) != "correct horse battery" || string(got[1]) != "another horse here" {
		t.Errorf("got %q %v", got, err)
	}
	for _, bad := range []string{file("short", "horse\n"), filepath.Join(dir, "none")} {
		if _, err := mtls.ReadPassphrases(bad); err == nil || !strings.Contains(err.Error(), bad) {
			t.Errorf("%s: got %v", bad, err)
		}
	}
}
