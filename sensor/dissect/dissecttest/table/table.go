package table

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// The folders of sensor/dissect that are no protocol of their own.
var shared = map[string]bool{"dissecttest": true, "wire": true, "dnsmsg": true}

// identity are the kinds of claims that tell one device, or what it is, from others.
var identity = map[string]bool{"hostname": true, "domain": true, "vendor": true, "model": true, "hardware_revision": true, "firmware": true,
	"software": true, "os": true, "serial": true, "identifier": true, "location": true, "fingerprint": true, "banner": true,
	"address_binding": true, "certificate": true}

// protocol is a row of the table.
type protocol struct {
	name              string
	reads             string
	services          map[string]bool
	kinds, rules, via map[string]bool
	executions        int64
	date              string
}

// proven reports whether a test shows an identity fact or a weakness.
func (p *protocol) proven() bool {
	for kind := range p.kinds {
		if identity[kind] {
			return true
		}
	}
	return len(p.rules) > 0
}

// Generate returns the table for the protocols below a folder, sensor/dissect of a checkout.
func Generate(folder string) (string, error) {
	protocols, err := load(folder)
	if err != nil {
		return "", err
	}
	if err := fuzzed(folder, protocols); err != nil {
		return "", err
	}
	if err := realSoftware(folder, protocols); err != nil {
		return "", err
	}
	absent, err := os.ReadFile(filepath.Join(folder, "dissecttest", "table", "absent.tsv"))
	if err != nil {
		return "", fmt.Errorf("protocols without a folder: %w", err)
	}
	return write(protocols, string(absent)), nil
}

func load(folder string) ([]*protocol, error) {
	docs, err := filepath.Glob(filepath.Join(folder, "*", "doc.go"))
	if err != nil {
		return nil, fmt.Errorf("list protocols: %w", err)
	}
	var out []*protocol
	for _, doc := range docs {
		dir := filepath.Dir(doc)
		if name := filepath.Base(dir); !shared[name] {
			p := &protocol{name: name, services: map[string]bool{}, kinds: map[string]bool{}, rules: map[string]bool{}, via: map[string]bool{}}
			if err := p.read(dir); err != nil {
				return nil, fmt.Errorf("protocol %s: %w", name, err)
			}
			out = append(out, p)
		}
	}
	return out, nil
}

var (
	service = regexp.MustCompile(`(?m)^(?:flow|packet) .*?service=([a-z0-9-]+)`)
	claim   = regexp.MustCompile(`(?m)^observation (?:\S+ )+?([a-z_]+) [a-z0-9-]+\.\S+ = `)
	finding = regexp.MustCompile(`(?m)^finding [a-z_]+ (\S+) `)
	kindSrc = regexp.MustCompile(`model\.Kind([A-Z][A-Za-z]+)`)
	ruleSrc = regexp.MustCompile(`Rule: +"([a-z0-9-]+\.[a-z0-9_]+)"`)
	capital = regexp.MustCompile(`([a-z])([A-Z])`)
)

// read takes what one folder holds.
func (p *protocol) read(dir string) error {
	doc, err := os.ReadFile(filepath.Join(dir, "doc.go"))
	if err != nil {
		return err
	}
	p.reads = specification(string(doc))
	goldens, err := filepath.Glob(filepath.Join(dir, "testdata", "*.golden"))
	if err != nil {
		return err
	}
	for _, path := range goldens {
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		add(p.services, service, string(text))
		add(p.kinds, claim, string(text))
		add(p.rules, finding, string(text))
	}
	if len(goldens) == 0 {
		if err := p.readCode(dir); err != nil {
			return err
		}
	}
	sources, err := os.ReadFile(filepath.Join(dir, "testdata", "SOURCES.md"))
	switch {
	case os.IsNotExist(err):
		p.via["specification"] = true
	case err != nil:
		return err
	default:
		p.origin(strings.ToLower(string(sources)))
	}
	return nil
}

// readCode takes kinds and rules of folders whose tests hold their expectations in Go.
func (p *protocol) readCode(dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return err
	}
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range kindSrc.FindAllStringSubmatch(string(text), -1) {
			p.kinds[strings.ToLower(capital.ReplaceAllString(m[1], "${1}_$2"))] = true
		}
		add(p.rules, ruleSrc, string(text))
	}
	delete(p.kinds, "unset")
	return nil
}

// origin sorts where the bytes of the tests come from by what SOURCES.md says.
func (p *protocol) origin(text string) {
	for what, words := range map[string][]string{
		"specification":   {"by hand", "built from", "generated", "after "},
		"public captures": {"ndpi", "zeek", "arkime", "ja4", "tcpdump", "icsnpp", "public capture", "sentinel"},
		"real software":   {"debian", "npm", "psql"},
	} {
		for _, w := range words {
			if strings.Contains(text, w) && !strings.Contains(text, "no bytes come from a capture") || what == "specification" && strings.Contains(text, w) {
				p.via[what] = true
			}
		}
	}
}

func add(set map[string]bool, pattern *regexp.Regexp, text string) {
	for _, m := range pattern.FindAllStringSubmatch(text, -1) {
		set[m[1]] = true
	}
}

// specification is what a package comment names as such: the paragraph that begins with "Specification:", else
// the first one without "Package name".
func specification(doc string) string {
	text := strings.ReplaceAll(doc, "\n//", "\n")
	first, _, _ := strings.Cut(strings.TrimPrefix(text, "//"), "\n\n")
	words := strings.Fields(first)
	words = words[min(2, len(words)):]
	if _, after, found := strings.Cut(text, "Specification:"); found {
		after, _, _ = strings.Cut(after, "\n\n")
		words = append(append(words, "Specification:"), strings.Fields(after)...)
	}
	return strings.Join(words, " ")
}

// fuzzed adds what fuzz.tsv records.
func fuzzed(folder string, protocols []*protocol) error {
	text, err := os.ReadFile(filepath.Join(folder, "fuzz.tsv"))
	if err != nil {
		return fmt.Errorf("record of fuzzing: %w", err)
	}
	for line := range strings.Lines(string(text)) {
		field := strings.Split(strings.TrimSpace(line), "\t")
		if len(field) != 7 || field[0] == "package" {
			continue
		}
		n, err := strconv.ParseInt(field[4], 10, 64)
		if err != nil {
			return fmt.Errorf("record of fuzzing: executions of %s: %w", field[0], err)
		}
		for _, p := range protocols {
			if field[0] == "sensor/dissect/"+p.name {
				p.executions += n
				p.date = max(p.date, field[5])
			}
		}
	}
	return nil
}

// clientsOnly are protocols of which clients are real and what answers them is written after the specification, as
// dissecttest/real/testdata/SOURCES.md says.
var clientsOnly = map[string]bool{"enip": true, "iec104": true, "tds": true, "tns": true}

// realSoftware notes which protocols the captures of real software show.
func realSoftware(folder string, protocols []*protocol) error {
	goldens, err := filepath.Glob(filepath.Join(folder, "dissecttest", "real", "testdata", "*.golden"))
	if err != nil {
		return fmt.Errorf("captures of real software: %w", err)
	}
	for _, path := range goldens {
		text, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("captures of real software: %w", err)
		}
		for _, p := range protocols {
			if strings.Contains(string(text), " service="+p.name+" ") || strings.Contains(string(text), " "+p.name+".") {
				if clientsOnly[p.name] {
					p.via["real clients"] = true
				} else {
					p.via["real software"] = true
				}
			}
		}
	}
	return nil
}

func write(protocols []*protocol, absent string) string {
	var b strings.Builder
	proven, runs := 0, int64(0)
	for _, p := range protocols {
		runs += p.executions
		if p.proven() {
			proven++
		}
	}
	fmt.Fprintf(&b, "%d protocol folders; %d have identity facts or weaknesses proven by a test, %d are recognised only. %d fuzz executions are on record.\n\n",
		len(protocols), proven, len(protocols)-proven, runs)
	head := "| protocol | what is read, by which specification | claims | weaknesses | bytes of the tests | fuzz executions, last run |\n| --- | --- | --- | --- | --- | --- |\n"
	b.WriteString(head)
	for _, p := range protocols {
		if p.proven() {
			b.WriteString(p.row())
		}
	}
	b.WriteString("\nRecognised only:\n\n" + head)
	for _, p := range protocols {
		if !p.proven() {
			b.WriteString(p.row())
		}
	}
	b.WriteString("\nWithout a folder of their own:\n\n| protocol | where it is, or why not |\n| --- | --- |\n")
	for line := range strings.Lines(absent) {
		if name, why, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok {
			fmt.Fprintf(&b, "| %s | %s |\n", name, why)
		}
	}
	return b.String()
}

func (p *protocol) row() string {
	name := p.name
	if more := slices.DeleteFunc(sorted(p.services), func(s string) bool { return s == p.name }); len(more) > 0 {
		name += " (" + strings.Join(more, ", ") + ")"
	}
	fuzz := "none on record"
	if p.date != "" {
		fuzz = fmt.Sprintf("%d, %s", p.executions, p.date)
	}
	return fmt.Sprintf("| %s | %s | %s | %s | %s | %s |\n", name, strings.ReplaceAll(p.reads, "|", `\|`), list(p.kinds), list(p.rules), list(p.via), fuzz)
}

func sorted(set map[string]bool) []string { return slices.Sorted(maps.Keys(set)) }

func list(set map[string]bool) string { return strings.Join(sorted(set), ", ") }
