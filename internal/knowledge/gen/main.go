// Command gen makes the bundled tables of package knowledge: `go run ./gen oui` from the registry
// that `make deps` fetched, `go run ./gen credentials` from a list of published defaults, of
// which only digests are written.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/klauspost/compress/zstd"

	"github.com/wardscope/wardscope/internal/knowledge"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) > 0 && args[0] == "oui":
		return oui()
	case len(args) > 1 && args[0] == "credentials":
		return credentials(args[1])
	}
	return fmt.Errorf("usage: gen oui | gen credentials LIST.tsv (product, user, password)")
}

func oui() error {
	cache := os.Getenv("WARDSCOPE_CACHE")
	if cache == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return fmt.Errorf("find cache: %w", err)
		}
		cache = filepath.Join(home, ".cache", "wardscope")
	}
	raw, err := os.ReadFile(filepath.Join(cache, "oui", "index.json"))
	if err != nil {
		return fmt.Errorf("read registry (run `make deps` first): %w", err)
	}
	var entries map[string]string
	if err := json.Unmarshal(raw, &entries); err != nil {
		return fmt.Errorf("parse registry: %w", err)
	}
	var lines []string
	for prefix, text := range entries {
		name, _, _ := strings.Cut(text, "\n")
		if name = strings.TrimSpace(name); name != "" && name != "Private" {
			lines = append(lines, strings.ToLower(prefix)+"\t"+name)
		}
	}
	slices.Sort(lines)
	zw, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression))
	if err != nil {
		return err
	}
	return os.WriteFile("oui.tsv.zst", zw.EncodeAll([]byte(strings.Join(lines, "\n")+"\n"), nil), 0o644)
}

func credentials(list string) error {
	raw, err := os.ReadFile(list)
	if err != nil {
		return err
	}
	products := map[string][]string{}
	for line := range strings.Lines(string(raw)) {
		cols := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if strings.HasPrefix(line, "#") || len(cols) < 3 || cols[0] == "product" {
			continue
		}
		user, password := blank(cols[1]), blank(cols[2])
		if strings.Contains(cols[0], "(snmp)") {
			user = knowledge.CommunityUser
		}
		if user == "" && password == "" {
			continue
		}
		d := knowledge.Digest(user, password)
		if !slices.Contains(products[d], cols[0]) {
			products[d] = append(products[d], cols[0])
		}
	}
	for _, community := range []string{"public", "private"} { // RFC 1157 agents ship with these
		d := knowledge.Digest(knowledge.CommunityUser, community)
		products[d] = []string{"SNMP agents"}
	}
	var lines []string
	for d, names := range products {
		shown := strings.Join(names[:min(3, len(names))], ", ")
		if len(names) > 3 {
			shown += fmt.Sprintf(" and %d more", len(names)-3)
		}
		lines = append(lines, d+"\t"+shown)
	}
	slices.Sort(lines)
	return os.WriteFile("credentials.tsv", []byte(strings.Join(lines, "\n")+"\n"), 0o644)
}

func blank(s string) string {
	if s == "<blank>" {
		return ""
	}
	return s
}
