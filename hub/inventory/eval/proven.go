package main

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
)

// missLine is how the ruler begins a line about a device or an answer.
var missLine = regexp.MustCompile(`^(?:absent|doubled|joined|doubled and joined|wrong \w+) +\S+\.pcap`)

// split parts the ruler's table from its list of misses.
func split(text string) (table string, misses []string) {
	var kept []string
	for line := range strings.Lines(text) {
		if missLine.MatchString(line) {
			misses = append(misses, strings.TrimSpace(line))
			continue
		}
		kept = append(kept, line)
	}
	return strings.Join(kept, ""), misses
}

// disproved counts the misses whose label is shown to be wrong. It changes no count of the table.
// A proof that no miss needs any more is an error: it has to go.
func disproved(path string, misses []string) (string, error) {
	if path == "" {
		return "", nil
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("read proofs: %w", err)
	}
	n := 0
	for line := range strings.Lines(string(raw)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(line, "\t")
		if len(f) != 4 || f[3] == "" {
			return "", fmt.Errorf("read proofs %s: %q: want what, capture, address and what shows it", path, line)
		}
		if !slices.ContainsFunc(misses, func(m string) bool { return about(m, f[0], f[1], f[2]) }) {
			return "", fmt.Errorf("read proofs %s: nothing is %s of %s in %s any more", path, f[0], f[2], f[1])
		}
		n++
	}
	return fmt.Sprintf("%d of the wrong answers are wrong labels (%s)\n", n, path), nil
}

// about reports a miss of a kind that concerns the address in the capture.
func about(miss, what, capture, addr string) bool {
	rest, ok := strings.CutPrefix(strings.Join(strings.Fields(miss), " "), what+" "+capture+" ")
	head, _, _ := strings.Cut(rest, ": truth ")
	return ok && slices.Contains(strings.Fields(head), addr)
}
