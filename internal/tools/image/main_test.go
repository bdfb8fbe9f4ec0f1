package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// entries reads a tar.
func entries(t *testing.T, r io.Reader) (map[string][]byte, map[string]*tar.Header) {
	t.Helper()
	texts, headers := map[string][]byte{}, map[string]*tar.Header{}
	for tr := tar.NewReader(r); ; {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return texts, headers
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(tr)
		if err != nil {
			t.Fatal(err)
		}
		texts[h.Name], headers[h.Name] = text, h
	}
}

// build makes an archive of one layer.
func build(t *testing.T) []byte {
	t.Helper()
	dir := t.TempDir()
	program := filepath.Join(dir, "program")
	if err := os.WriteFile(program, []byte("#!"), 0o755); err != nil {
		t.Fatal(err)
	}
	a := archive{scratch: t.TempDir()}
	if err := a.layer(map[string]string{"/usr/bin/program": program}); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "out.tar")
	if err := a.write("localhost/x:1", out); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestArchiveIsWhatItSays(t *testing.T) {
	first := build(t)
	if !bytes.Equal(first, build(t)) {
		t.Error("the same input gave other bytes")
	}
	texts, _ := entries(t, bytes.NewReader(first))
	for name, text := range texts {
		if sum := sha256.Sum256(text); filepath.Dir(name) == "blobs/sha256" && filepath.Base(name) != hex.EncodeToString(sum[:]) {
			t.Errorf("%s does not have that digest", name)
		}
	}
	var docker []struct {
		Config   string
		RepoTags []string
		Layers   []string
	}
	if err := json.Unmarshal(texts["manifest.json"], &docker); err != nil {
		t.Fatal(err)
	}
	if len(docker) != 1 || len(docker[0].Layers) != 1 || docker[0].RepoTags[0] != "localhost/x:1" || texts[docker[0].Config] == nil {
		t.Fatalf("manifest.json: got %+v", docker)
	}
	zip, err := gzip.NewReader(bytes.NewReader(texts[docker[0].Layers[0]]))
	if err != nil {
		t.Fatal(err)
	}
	_, headers := entries(t, zip)
	if h := headers["usr/bin/program"]; h == nil || h.Mode != 0o755 || h.Uid != 0 {
		t.Errorf("usr/bin/program: got %+v, want mode 0755 and owner 0", h)
	}
	if h := headers["var/lib/wardscope/"]; h == nil || h.Mode != 0o700 || h.Uid != user {
		t.Errorf("var/lib/wardscope: got %+v, want mode 0700 and the hub as owner", h)
	}
}

func TestLibrariesNamesTheLoader(t *testing.T) {
	found, err := libraries("/bin/sh")
	if err != nil {
		t.Fatal(err)
	}
	loader := false
	for name := range found {
		loader = loader || filepath.Base(name)[:3] == "ld-"
	}
	if !loader {
		t.Errorf("got %v, want the loader among them", found)
	}
}
