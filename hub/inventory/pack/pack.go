package pack

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/wardscope/wardscope/internal/model"
)

// Format is the version of the archive's form that this program reads.
const Format = 1

// Bounds of an archive.
const (
	maxFiles    = 64
	maxManifest = 1 << 20  // bytes
	maxFile     = 64 << 20 // bytes of one table, unpacked
)

// names of the two entries that come first.
const (
	manifestName  = "manifest.json"
	signatureName = "manifest.sig"
)

// signed is put before the manifest when it is signed, so that a signature means a pack and
// nothing else.
const signed = "wardscope knowledge pack 1\n"

// Manifest says what a pack holds. Its signature covers the tables by their digests.
type Manifest struct {
	Format    int     `json:"format"`
	Name      string  `json:"name"`    // [a-z0-9-]; a pack replaces the one of the same name
	Version   string  `json:"version"` // for people
	Date      string  `json:"date"`    // ISO day; an older pack does not replace a newer one
	Publisher string  `json:"publisher"`
	Tables    []Table `json:"tables"`
}

// Table is one file of a pack.
type Table struct {
	File    string `json:"file"`
	Kind    string `json:"kind"`
	Source  string `json:"source"` // public source of its records
	Licence string `json:"licence"`
	Date    string `json:"date"` // ISO day as of which its records are
	Records int    `json:"records"`
	Size    int64  `json:"size"`
	SHA256  string `json:"sha256"`
}

// Pack is an archive that was read and whose signature holds.
type Pack struct {
	Manifest
	Key     string // id of the key that signed it
	content map[string][]byte
}

// Content is a table's bytes; they must not be changed.
func (p *Pack) Content(file string) []byte { return p.content[file] }

// Decisions of the caller.
var (
	// ErrUntrusted says that no trusted key signed a pack.
	ErrUntrusted = errors.New("no trusted key signed it")
	// ErrDamaged says that a pack is not what was signed.
	ErrDamaged = errors.New("it is not what was signed")
)

// Trust is the keys that may sign packs, by their id.
type Trust map[string]ed25519.PublicKey

// KeyID is a key's short name.
func KeyID(key ed25519.PublicKey) string {
	sum := sha256.Sum256(key)
	return hex.EncodeToString(sum[:8])
}

// ParseTrust reads public keys in base64, as `wardscope-hub knowledge key` prints them.
func ParseTrust(texts []string) (Trust, error) {
	t := Trust{}
	var errs []error
	for i, text := range texts {
		raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
		if err != nil || len(raw) != ed25519.PublicKeySize {
			errs = append(errs, fmt.Errorf("knowledge.trust[%d]: %q is no ed25519 public key in base64", i, text))
			continue
		}
		t[KeyID(raw)] = raw
	}
	return t, errors.Join(errs...)
}

// Read reads an archive, checks its signature against the trusted keys, and each table against
// the manifest. What is not in the manifest is refused.
func Read(r io.Reader, trust Trust) (*Pack, error) {
	p, err := read(r, trust)
	if err != nil {
		return nil, fmt.Errorf("read knowledge pack: %w", err)
	}
	return p, nil
}

func read(r io.Reader, trust Trust) (*Pack, error) {
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, err
	}
	t := tar.NewReader(z)
	text, err := entry(t, manifestName, maxManifest)
	if err != nil {
		return nil, err
	}
	signature, err := entry(t, signatureName, ed25519.SignatureSize)
	if err != nil {
		return nil, err
	}
	p := &Pack{content: map[string][]byte{}}
	if p.Key = signer(trust, text, signature); p.Key == "" {
		return nil, ErrUntrusted
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&p.Manifest); err != nil {
		return nil, fmt.Errorf("manifest: %w", err)
	}
	if err := p.Validate(); err != nil {
		return nil, err
	}
	for i := range p.Tables {
		if err := p.take(t, &p.Tables[i]); err != nil {
			return nil, err
		}
	}
	if _, err := t.Next(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: there is more in it than the manifest names", ErrDamaged)
	}
	return p, nil
}

func entry(t *tar.Reader, name string, most int64) ([]byte, error) {
	h, err := t.Next()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if h.Name != name || h.Typeflag != tar.TypeReg || h.Size > most {
		return nil, fmt.Errorf("%w: want a file %s of at most %d bytes, found %q of %d", ErrDamaged, name, most, model.Text(h.Name), h.Size)
	}
	return io.ReadAll(io.LimitReader(t, most))
}

func (p *Pack) take(t *tar.Reader, table *Table) error {
	raw, err := entry(t, table.File, maxFile)
	if err != nil {
		return err
	}
	if sum := sha256.Sum256(raw); int64(len(raw)) != table.Size || hex.EncodeToString(sum[:]) != table.SHA256 {
		return fmt.Errorf("%w: %s has another digest", ErrDamaged, table.File)
	}
	p.content[table.File] = raw
	return nil
}

func signer(trust Trust, text, signature []byte) string {
	for id, key := range trust {
		if ed25519.Verify(key, append([]byte(signed), text...), signature) {
			return id
		}
	}
	return ""
}

// Validate reports all faults of a manifest at once.
func (m *Manifest) Validate() error {
	var errs []error
	if m.Format != Format {
		return fmt.Errorf("format: %d is not known to this program, which reads %d: upgrade it", m.Format, Format)
	}
	if err := model.CheckID("pack", m.Name); err != nil {
		errs = append(errs, fmt.Errorf("name: %w", err))
	}
	for name, v := range map[string]string{"version": m.Version, "publisher": m.Publisher} {
		if v == "" || v != model.Text(v) {
			errs = append(errs, fmt.Errorf("%s: want 1 to %d bytes of text", name, model.MaxText))
		}
	}
	errs = append(errs, checkDay("date", m.Date))
	if len(m.Tables) == 0 || len(m.Tables) > maxFiles {
		errs = append(errs, fmt.Errorf("tables: want 1 to %d", maxFiles))
	}
	seen := map[string]bool{manifestName: true, signatureName: true}
	for i, t := range m.Tables {
		if t.File == "" || seen[t.File] || strings.ContainsAny(t.File, "/\\\x00") {
			errs = append(errs, fmt.Errorf("tables[%d].file: %q is no plain name, or there twice", i, t.File))
		}
		seen[t.File] = true
		if t.Kind == "" || t.Source == "" || t.Licence == "" {
			errs = append(errs, fmt.Errorf("tables[%d]: kind, source and licence are required", i))
		}
		errs = append(errs, checkDay(fmt.Sprintf("tables[%d].date", i), t.Date))
	}
	return errors.Join(errs...)
}

func checkDay(field, day string) error {
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		return fmt.Errorf("%s: %q is no day; write it as 2026-11-24", field, day)
	}
	return nil
}

// Write makes an archive: it fills sizes and digests in, and signs. Equal input gives equal bytes.
func Write(w io.Writer, m Manifest, content map[string][]byte, key ed25519.PrivateKey) error {
	if err := write(w, m, content, key); err != nil {
		return fmt.Errorf("write knowledge pack: %w", err)
	}
	return nil
}

func write(w io.Writer, m Manifest, content map[string][]byte, key ed25519.PrivateKey) error {
	m.Format, m.Tables = Format, slices.Clone(m.Tables)
	for i := range m.Tables {
		t := &m.Tables[i]
		raw, ok := content[t.File]
		if !ok {
			return fmt.Errorf("there is no file %s", t.File)
		}
		sum := sha256.Sum256(raw)
		t.Size, t.SHA256 = int64(len(raw)), hex.EncodeToString(sum[:])
	}
	if err := m.Validate(); err != nil {
		return err
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	z := gzip.NewWriter(w)
	t := tar.NewWriter(z)
	put := func(name string, raw []byte) error {
		if err := t.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o644, Size: int64(len(raw)), Format: tar.FormatUSTAR}); err != nil {
			return err
		}
		_, err := t.Write(raw)
		return err
	}
	errs := []error{put(manifestName, text), put(signatureName, ed25519.Sign(key, append([]byte(signed), text...)))}
	for i := range m.Tables {
		errs = append(errs, put(m.Tables[i].File, content[m.Tables[i].File]))
	}
	return errors.Join(append(errs, t.Close(), z.Close())...)
}
