// Command image writes the hub's container image as a tar archive, without a container engine.
//
// The image holds the hub and the CLI, the ClickHouse engine, the address tables, and of a Linux system only the loader
// and the libraries that ldd names for them. The archive is an OCI layout that also carries Docker's manifest.json, so
// that docker, podman, skopeo and ctr all load it. Files lie in two layers, the rarely changed ones first; times and
// owners are fixed, so the same input gives the same bytes.
package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

const (
	user    = 65532 // the number that the chart runs the hub as
	dataDir = "/var/lib/wardscope"
	share   = "/usr/share/wardscope"
	engine  = "/usr/lib/wardscope/libchdb.so"
)

func main() {
	bin := flag.String("bin", "bin", "folder with wardscope-hub and wardscope")
	cache := flag.String("cache", "", "folder with chdb/libchdb.so and geo/, as make deps fills it")
	docs := flag.String("docs", ".", "folder with LICENSE and NOTICE")
	name := flag.String("name", "localhost/wardscope-hub:dev", "name and tag of the image")
	out := flag.String("out", "dist/wardscope-hub.tar", "archive to write")
	flag.Parse()
	if err := run(*bin, *cache, *docs, *name, *out); err != nil {
		fmt.Fprintln(os.Stderr, "image:", err)
		os.Exit(1)
	}
}

// run writes the archive.
func run(bin, cache, docs, name, out string) error {
	system, err := libraries(filepath.Join(bin, "wardscope-hub"), filepath.Join(cache, "chdb/libchdb.so"))
	if err != nil {
		return err
	}
	system[engine] = filepath.Join(cache, "chdb/libchdb.so")
	system[share+"/geo/country.mmdb"] = filepath.Join(cache, "geo/country.mmdb")
	system[share+"/geo/asn.csv"] = filepath.Join(cache, "geo/asn.csv")
	const certificates = "/etc/ssl/certs/ca-certificates.crt" // for an external ClickHouse or NATS behind public certificates
	if _, err := os.Stat(certificates); err == nil {
		system[certificates] = certificates
	}
	programs := map[string]string{
		"/usr/bin/wardscope-hub": filepath.Join(bin, "wardscope-hub"),
		"/usr/bin/wardscope":     filepath.Join(bin, "wardscope"),
		share + "/LICENSE":       filepath.Join(docs, "LICENSE"),
		share + "/NOTICE":        filepath.Join(docs, "NOTICE"),
	}
	scratch, err := os.MkdirTemp(filepath.Dir(out), "image-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(scratch) }() // a scratch folder: what is left is harmless
	a := archive{scratch: scratch}
	if err := a.layer(system); err != nil {
		return err
	}
	if err := a.layer(programs); err != nil {
		return err
	}
	return a.write(name, out)
}

// libraries returns the files that ldd names for programs, by their path in the image.
func libraries(programs ...string) (map[string]string, error) {
	found := map[string]string{}
	for _, program := range programs {
		listing, err := exec.CommandContext(context.Background(), "ldd", program).CombinedOutput()
		if err != nil {
			return nil, fmt.Errorf("ldd %s: %w: %s", program, err, bytes.TrimSpace(listing))
		}
		for line := range strings.Lines(string(listing)) {
			if strings.Contains(line, "not found") {
				return nil, fmt.Errorf("ldd %s: %s", program, strings.TrimSpace(line))
			}
			for word := range strings.FieldsSeq(line) {
				if path.IsAbs(word) {
					found[word] = word
				}
			}
		}
	}
	return found, nil
}

// blob is a file of the layout, named by its digest.
type blob struct {
	MediaType   string            `json:"mediaType"`
	Digest      string            `json:"digest"`
	Size        int64             `json:"size"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

func (b blob) file() string { return "blobs/sha256/" + strings.TrimPrefix(b.Digest, "sha256:") }

// archive gathers blobs in a scratch folder.
type archive struct {
	scratch string
	layers  []blob
	diffs   []string // digests of the layers before compression
}

// layer packs files, given as path in the image to path here, and the folders above them.
func (a *archive) layer(files map[string]string) error {
	name := filepath.Join(a.scratch, fmt.Sprintf("layer%d", len(a.layers)))
	out, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() { _ = out.Close() }() // closed below with its error; this one is for early returns
	packed, plain := sha256.New(), sha256.New()
	zip, err := gzip.NewWriterLevel(io.MultiWriter(out, packed), gzip.BestSpeed)
	if err != nil {
		return err
	}
	tw := tar.NewWriter(io.MultiWriter(zip, plain))
	if err := pack(tw, files); err != nil {
		return err
	}
	for _, c := range []io.Closer{tw, zip} {
		if err := c.Close(); err != nil {
			return fmt.Errorf("finish layer: %w", err)
		}
	}
	size, err := out.Seek(0, io.SeekCurrent)
	if err != nil {
		return err
	}
	a.diffs = append(a.diffs, "sha256:"+hex.EncodeToString(plain.Sum(nil)))
	b := blob{MediaType: "application/vnd.oci.image.layer.v1.tar+gzip", Digest: "sha256:" + hex.EncodeToString(packed.Sum(nil)), Size: size}
	a.layers = append(a.layers, b)
	if err := out.Close(); err != nil {
		return err
	}
	return os.Rename(name, a.place(b))
}

// place returns where a blob lies in the scratch folder.
func (a *archive) place(b blob) string {
	return filepath.Join(a.scratch, strings.TrimPrefix(b.Digest, "sha256:"))
}

// pack writes folders, then files, in the order of their names.
func pack(tw *tar.Writer, files map[string]string) error {
	folders := map[string]tar.Header{
		"tmp":                    {Mode: 0o1777},
		dataDir[1:]:              {Mode: 0o700, Uid: user, Gid: user},
		"etc/wardscope":          {Mode: 0o755},
		"var/lib":                {Mode: 0o755},
		"var":                    {Mode: 0o755},
		"etc":                    {Mode: 0o755},
		"usr":                    {Mode: 0o755},
		"proc":                   {Mode: 0o555},
		"sys":                    {Mode: 0o555},
		"dev":                    {Mode: 0o755},
		"usr/bin":                {Mode: 0o755},
		"usr/lib":                {Mode: 0o755},
		"usr/share":              {Mode: 0o755},
		strings.Trim(share, "/"): {Mode: 0o755},
	}
	for name := range files {
		for dir := path.Dir(name)[1:]; dir != "." && dir != ""; dir = path.Dir(dir) {
			if _, known := folders[dir]; !known {
				folders[dir] = tar.Header{Mode: 0o755}
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(folders)) {
		header := folders[name]
		header.Typeflag, header.Name, header.ModTime = tar.TypeDir, name+"/", time.Unix(0, 0)
		if err := tw.WriteHeader(&header); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := packFile(tw, name[1:], files[name]); err != nil {
			return fmt.Errorf("pack %s: %w", name, err)
		}
	}
	return nil
}

// packFile writes one file.
func packFile(tw *tar.Writer, name, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }() // only read
	info, err := in.Stat()
	if err != nil {
		return err
	}
	mode := int64(0o644)
	if info.Mode()&0o111 != 0 {
		mode = 0o755
	}
	if err := tw.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: info.Size(), Mode: mode, ModTime: time.Unix(0, 0)}); err != nil {
		return err
	}
	_, err = io.Copy(tw, in)
	return err
}

// document makes a blob of a value in JSON.
func document(mediaType string, value any) (blob, []byte, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return blob{}, nil, err
	}
	sum := sha256.Sum256(text)
	return blob{MediaType: mediaType, Digest: "sha256:" + hex.EncodeToString(sum[:]), Size: int64(len(text))}, text, nil
}

// write puts the layout into one archive.
func (a *archive) write(name, out string) error {
	config, configText, err := document("application/vnd.oci.image.config.v1+json", map[string]any{
		"architecture": runtime.GOARCH,
		"os":           "linux",
		"created":      "1970-01-01T00:00:00Z",
		"config": map[string]any{
			"User":         fmt.Sprintf("%d:%d", user, user),
			"Entrypoint":   []string{"/usr/bin/wardscope-hub"},
			"Cmd":          []string{"serve", "--data-dir", dataDir},
			"WorkingDir":   dataDir,
			"Env":          []string{"PATH=/usr/bin", "HOME=" + dataDir, "WARDSCOPE_CHDB=" + engine, "WARDSCOPE_CACHE=" + share},
			"ExposedPorts": map[string]any{"8443/tcp": struct{}{}, "4222/tcp": struct{}{}, "9090/tcp": struct{}{}},
			"Volumes":      map[string]any{dataDir: struct{}{}},
			"Labels":       map[string]string{"org.opencontainers.image.title": "wardscope-hub", "org.opencontainers.image.licenses": "Apache-2.0"},
		},
		"rootfs": map[string]any{"type": "layers", "diff_ids": a.diffs},
	})
	if err != nil {
		return err
	}
	const manifestType = "application/vnd.oci.image.manifest.v1+json"
	manifest, manifestText, err := document(manifestType, map[string]any{"schemaVersion": 2, "mediaType": manifestType, "config": config, "layers": a.layers})
	if err != nil {
		return err
	}
	_, tag, _ := strings.Cut(path.Base(name), ":")
	manifest.Annotations = map[string]string{"io.containerd.image.name": name, "org.opencontainers.image.ref.name": tag}
	_, index, err := document("", map[string]any{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": []blob{manifest}})
	if err != nil {
		return err
	}
	var layers []string
	for _, l := range a.layers {
		layers = append(layers, l.file())
	}
	_, docker, err := document("", []map[string]any{{"Config": config.file(), "RepoTags": []string{name}, "Layers": layers}})
	if err != nil {
		return err
	}
	texts := map[string][]byte{
		"oci-layout":    []byte(`{"imageLayoutVersion":"1.0.0"}`),
		"index.json":    index,
		"manifest.json": docker,
		config.file():   configText,
		manifest.file(): manifestText,
	}
	return a.assemble(texts, out)
}

// assemble writes the archive beside its final name and moves it there.
func (a *archive) assemble(texts map[string][]byte, out string) error {
	partial := filepath.Join(a.scratch, "archive")
	file, err := os.Create(partial)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // closed below with its error; this one is for early returns
	tw := tar.NewWriter(file)
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		if err := tw.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: int64(len(texts[name])), Mode: 0o644, ModTime: time.Unix(0, 0)}); err != nil {
			return err
		}
		if _, err := tw.Write(texts[name]); err != nil {
			return err
		}
	}
	for _, l := range a.layers {
		if err := packFile(tw, l.file(), a.place(l)); err != nil {
			return err
		}
	}
	if err := tw.Close(); err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	return os.Rename(partial, out)
}
