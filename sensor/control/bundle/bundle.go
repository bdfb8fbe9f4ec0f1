package bundle

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"strings"
	"time"
)

// MaxBytes is the most that an archive has. It rides on a report, of which the hub takes 256 KiB.
const MaxBytes = 192 << 10

// maxText is the most that one text has before it is compressed.
const maxText = 512 << 10

// maxTexts is the most files that an archive has.
const maxTexts = 64

// Text is one file of the archive.
type Text struct{ Name, Body string }

// Make packs texts, after Scrub. Too long ones lose their beginning.
func Make(texts []Text, now time.Time) ([]byte, error) {
	if len(texts) > maxTexts {
		return nil, fmt.Errorf("make support bundle: %d files, at most %d are allowed", len(texts), maxTexts)
	}
	clean := make([]Text, len(texts))
	for i, t := range texts {
		clean[i] = Text{t.Name, Scrub(end(t.Body, maxText))}
	}
	for limit := maxText; ; limit /= 2 {
		out, err := pack(clean, limit, now)
		if err != nil || len(out) <= MaxBytes {
			return out, err
		}
		if limit == 0 {
			return nil, fmt.Errorf("make support bundle: the names of the files alone exceed %d bytes", MaxBytes)
		}
	}
}

func pack(texts []Text, limit int, now time.Time) ([]byte, error) {
	var out bytes.Buffer
	zip := gzip.NewWriter(&out)
	archive := tar.NewWriter(zip)
	for _, t := range texts {
		body := end(t.Body, limit)
		if err := archive.WriteHeader(&tar.Header{Name: "wardscope-sensor/" + t.Name, Mode: 0o644, Size: int64(len(body)), ModTime: now, Format: tar.FormatPAX}); err != nil {
			return nil, fmt.Errorf("make support bundle: %s: %w", t.Name, err)
		}
		if _, err := archive.Write([]byte(body)); err != nil {
			return nil, fmt.Errorf("make support bundle: %s: %w", t.Name, err)
		}
	}
	if err := archive.Close(); err != nil {
		return nil, fmt.Errorf("make support bundle: %w", err)
	}
	if err := zip.Close(); err != nil {
		return nil, fmt.Errorf("make support bundle: %w", err)
	}
	return out.Bytes(), nil
}

// end is the last lines of a text, whole ones.
func end(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	text = text[len(text)-limit:]
	if _, rest, ok := strings.Cut(text, "\n"); ok {
		text = rest
	}
	return "(the beginning is left out)\n" + text
}
