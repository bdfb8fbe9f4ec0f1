package pack_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/hub/inventory/pack"
)

// keys are made of fixed seeds: the tests sign nothing that anybody trusts.
func key(seed byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
}

func public(seed byte) ed25519.PublicKey { return ed25519.PublicKey(key(seed)[ed25519.SeedSize:]) }

func trust(t testing.TB, seeds ...byte) pack.Trust {
	t.Helper()
	var texts []string
	for _, s := range seeds {
		texts = append(texts, base64.StdEncoding.EncodeToString(public(s)))
	}
	tr, err := pack.ParseTrust(texts)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

func manifest(date string) pack.Manifest {
	return pack.Manifest{Name: "words", Version: "v" + date, Date: date, Publisher: "tests",
		Tables: []pack.Table{{File: "words.txt", Kind: "words", Source: "these tests", Licence: "Apache-2.0", Date: date}}}
}

func archive(t testing.TB, date, words string, seed byte) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := pack.Write(&out, manifest(date), map[string][]byte{"words.txt": []byte(words)}, key(seed)); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestReadWhatWasWritten(t *testing.T) {
	raw := archive(t, "2026-11-24", "a=1\n", 1)
	p, err := pack.Read(bytes.NewReader(raw), trust(t, 2, 1))
	if err != nil {
		t.Fatal(err)
	}
	if p.Name != "words" || string(p.Content("words.txt")) != "a=1\n" || p.Key != pack.KeyID(public(1)) {
		t.Errorf("got %+v", p)
	}
	if !bytes.Equal(raw, archive(t, "2026-11-24", "a=1\n", 1)) {
		t.Error("equal input gives other bytes")
	}
}

// rewrite changes the entries of an archive.
func rewrite(t *testing.T, raw []byte, change func(name string, text []byte) []byte, more ...string) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	zw := gzip.NewWriter(&out)
	tw := tar.NewWriter(zw)
	put := func(name string, text []byte) {
		if err := tw.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o644, Size: int64(len(text))}); err != nil {
			t.Fatal(err)
		}
		if _, err := tw.Write(text); err != nil {
			t.Fatal(err)
		}
	}
	tr := tar.NewReader(z)
	for {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(tr)
		if err != nil {
			t.Fatal(err)
		}
		put(h.Name, change(h.Name, text))
	}
	for _, name := range more {
		put(name, []byte("more"))
	}
	if err := errors.Join(tw.Close(), zw.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestRefusesWhatWasNotSigned(t *testing.T) {
	good := archive(t, "2026-11-24", "a=1\n", 1)
	same := func(_ string, text []byte) []byte { return text }
	for _, c := range []struct {
		name string
		raw  []byte
		want error
	}{
		{"another key", archive(t, "2026-11-24", "a=1\n", 3), pack.ErrUntrusted},
		{"a table changed", rewrite(t, good, func(_ string, text []byte) []byte {
			return bytes.ReplaceAll(text, []byte("a=1"), []byte("a=2"))
		}), pack.ErrDamaged},
		{"the manifest changed", rewrite(t, good, func(_ string, text []byte) []byte {
			return bytes.ReplaceAll(text, []byte("tests"), []byte("other"))
		}), pack.ErrUntrusted},
		{"the signature cut", rewrite(t, good, func(name string, text []byte) []byte {
			if name == "manifest.sig" {
				return text[:10]
			}
			return text
		}), pack.ErrUntrusted},
		{"a file more", rewrite(t, good, same, "more.txt"), pack.ErrDamaged},
		{"a name that leads out", rewrite(t, good, same, "../more.txt"), pack.ErrDamaged},
	} {
		if _, err := pack.Read(bytes.NewReader(c.raw), trust(t, 1)); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, err, c.want)
		}
	}
	if _, err := pack.Read(bytes.NewReader(good), nil); !errors.Is(err, pack.ErrUntrusted) {
		t.Errorf("no key is trusted: got %v", err)
	}
	for _, raw := range [][]byte{nil, good[:50], good[:len(good)-20], []byte("no archive")} {
		if _, err := pack.Read(bytes.NewReader(raw), trust(t, 1)); err == nil {
			t.Errorf("%d bytes of a pack were taken", len(raw))
		}
	}
}

func TestManifestIsChecked(t *testing.T) {
	for name, change := range map[string]func(*pack.Manifest){
		"name": func(m *pack.Manifest) { m.Name = "../x" }, "date": func(m *pack.Manifest) { m.Date = "yesterday" }, "publisher": func(m *pack.Manifest) { m.Publisher = "" },
		"tables[0].file": func(m *pack.Manifest) { m.Tables[0].File = "a/b" }, "tables[0].date": func(m *pack.Manifest) { m.Tables[0].Date = "" },
		"source": func(m *pack.Manifest) { m.Tables[0].Source = "" }, "tables": func(m *pack.Manifest) { m.Tables = nil },
	} {
		m := manifest("2026-11-24")
		change(&m)
		err := pack.Write(io.Discard, m, map[string][]byte{"words.txt": nil, "a/b": nil}, key(1))
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// words is a kind of table: lines of key=value.
func words(into *atomic.Pointer[[]string]) pack.Kind {
	return pack.Kind{
		Check: func(raw []byte) (map[string]string, error) {
			out := map[string]string{}
			for line := range strings.Lines(string(raw)) {
				k, v, ok := strings.Cut(strings.TrimSpace(line), "=")
				if !ok {
					return nil, errors.New("no key=value")
				}
				out[k] = v
			}
			return out, nil
		},
		Take: func(tables [][]byte) {
			var all []string
			for _, t := range tables {
				all = append(all, string(t))
			}
			into.Store(&all)
		},
		BuiltIn: pack.Table{Kind: "words", Source: "the program", Date: "2026-01-01"},
		Base:    func() (map[string]string, error) { return map[string]string{"a": "0", "z": "26"}, nil },
	}
}

func library(t *testing.T) (*pack.Library, string, *atomic.Pointer[[]string]) {
	t.Helper()
	dir, used := t.TempDir(), &atomic.Pointer[[]string]{}
	return pack.New(pack.Config{Dir: dir, Trust: trust(t, 1), Every: time.Millisecond}, map[string]pack.Kind{"words": words(used)}, slog.New(slog.DiscardHandler)), dir, used
}

func TestInstallAndReplace(t *testing.T) {
	l, dir, used := library(t)
	p, changes, err := l.Install(archive(t, "2026-11-24", "a=1\nb=2\n", 1), false)
	if err != nil {
		t.Fatal(err)
	}
	want := []pack.Difference{{Table: p.Tables[0], Added: []string{"b"}, Changed: []string{"a"}}}
	if diff := cmp.Diff(want, changes); diff != "" || p.Tables[0].Records != 2 {
		t.Errorf("against the program's own (-want +got):\n%s", diff)
	}
	if _, _, err := l.Install(archive(t, "2026-10-01", "a=1\n", 1), false); !errors.Is(err, pack.ErrOlder) {
		t.Errorf("an older pack: %v", err)
	}
	if _, _, err := l.Check(archive(t, "2026-12-01", "a=9\n", 1)); err != nil || (*used.Load())[0] != "a=1\nb=2\n" {
		t.Errorf("a look at a pack took it: %v %q", err, *used.Load())
	}
	if _, changes, err := l.Check(archive(t, "2026-12-01", "a=1\n", 1)); err != nil || len(changes[0].Removed) != 1 || changes[0].Same != 1 {
		t.Errorf("against the pack before: %v %+v", err, changes)
	}
	if _, _, err := l.Install(archive(t, "2026-10-01", "a=1\n", 1), true); err != nil || (*used.Load())[0] != "a=1\n" {
		t.Errorf("an older pack that is wanted: %v %q", err, *used.Load())
	}
	list := l.List()
	if len(list) != 2 || list[0].Pack != "" || !list[0].Replaced || list[1].Pack != "words" || list[1].Date != "2026-10-01" {
		t.Errorf("list: %+v", list)
	}
	now := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	if !list[0].Stale(now) || list[1].Stale(now) {
		t.Errorf("ages %v and %v", list[0].Age(now), list[1].Age(now))
	}
	if err := l.Remove("words"); err != nil || len(*used.Load()) != 0 {
		t.Errorf("removed: %v, %v", err, *used.Load())
	}
	for _, name := range []string{"words", "../words"} {
		if err := l.Remove(name); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("remove %s: %v", name, err)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left in the folder: %v, %v", left, err)
	}
}

func TestRefusedPacksLeaveWhatWasThere(t *testing.T) {
	l, dir, used := library(t)
	if _, _, err := l.Install(archive(t, "2026-11-24", "a=1\n", 1), false); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ date, words, want string }{{"2026-11-25", "damaged", "no key=value"}} {
		if _, _, err := l.Install(archive(t, c.date, c.words, 1), false); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v", err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "other.wspack"), archive(t, "2026-11-25", "a=2\n", 1), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := l.Load(); err == nil || !strings.Contains(err.Error(), "words.wspack") {
		t.Errorf("a pack under another name: %v", err)
	}
	if err := l.Load(); err != nil {
		t.Errorf("told twice: %v", err)
	}
	if got := (*used.Load())[0]; got != "a=1\n" {
		t.Errorf("in use: %q", got)
	}
}

func TestRunTakesWhatLiesInTheFolder(t *testing.T) {
	l, dir, used := library(t)
	done := make(chan error, 1)
	ctx, stop := context.WithCancel(t.Context())
	defer func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}()
	go func() { done <- l.Run(ctx) }()
	if err := os.WriteFile(filepath.Join(dir, "words.wspack.part"), archive(t, "2026-11-24", "a=7\n", 1), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(dir, "words.wspack.part"), filepath.Join(dir, "words.wspack")); err != nil {
		t.Fatal(err)
	}
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	limit := time.NewTimer(30 * time.Second)
	defer limit.Stop()
	for len(*used.Load()) == 0 {
		select {
		case <-tick.C:
		case <-limit.C:
			t.Fatal("the pack was not taken")
		}
	}
	if got := (*used.Load())[0]; got != "a=7\n" {
		t.Errorf("in use: %q", got)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(archive(f, "2026-11-24", "a=1\n", 1))
	f.Add([]byte("\x1f\x8b"))
	tr := trust(f, 1)
	f.Fuzz(func(t *testing.T, raw []byte) {
		if p, err := pack.Read(bytes.NewReader(raw), tr); err == nil && p.Key == "" {
			t.Error("an unsigned pack was taken")
		}
	})
}
