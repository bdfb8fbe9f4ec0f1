package knowledge

import (
	"bytes"
	"cmp"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

//go:embed *.yaml
var builtin embed.FS

// Rule reads one kind of fact.
type Rule struct {
	ID     string            `yaml:"id"`     // stable, "topic.what"
	Kind   string            `yaml:"kind"`   // kind of claim, or: oui, offers, uses, offered, forwards; several joined by |
	Source string            `yaml:"source"` // protocol and field; a trailing * stands for any rest; empty is any
	Match  string            `yaml:"match"`  // RE2 over the value, case does not matter
	Set    map[string]string `yaml:"set"`    // attribute → value; $1 is the first group
	Weight float64           `yaml:"weight"` // what it is worth alone, 0 to 1
	Topic  string            `yaml:"topic"`  // rules of one topic count once for category and type; empty: each protocol by itself
	Origin string            `yaml:"origin"` // document or observation that the rule rests on
	Sample string            `yaml:"sample"` // a value that matches
	Other  string            `yaml:"other"`  // a value that looks alike and must not match

	expr *regexp.Regexp
}

// Direct says what a claim that states an attribute outright is worth.
type Direct struct {
	Kind    string             `yaml:"kind"`
	Attr    string             `yaml:"attribute"`
	Default float64            `yaml:"default"`
	Sources map[string]float64 `yaml:"sources"` // by source, or by its part before the dot
}

// Identifier says which claims identify one machine and no other.
type Identifier struct {
	Name   string `yaml:"name"`
	Kind   string `yaml:"kind"`
	Source string `yaml:"source"`
	Match  string `yaml:"match"`
	Origin string `yaml:"origin"`
	// Hardware is built in; Configured is given by people. Neither: software keeps it.
	Hardware   bool `yaml:"hardware"`
	Configured bool `yaml:"configured"`

	expr *regexp.Regexp
}

// OS is an operating system release with its support dates.
type OS struct {
	Name     string `yaml:"name"`
	Match    string `yaml:"match"` // RE2 over claimed names
	Until    string `yaml:"until"` // ISO date; empty when nobody said
	Extended string `yaml:"extended"`
	Origin   string `yaml:"origin"`
	Sample   string `yaml:"sample"`

	expr *regexp.Regexp
}

// acquisition is a maker that belongs to another now.
type acquisition struct {
	Was    string `yaml:"was"` // RE2 from the start of a claimed name
	Name   string `yaml:"name"`
	Is     string `yaml:"is"`
	Since  int    `yaml:"since"` // year
	Origin string `yaml:"origin"`

	expr *regexp.Regexp
}

type vendors struct {
	Aliases map[string][]string `yaml:"aliases"` // our name → expressions over what was claimed
	NoMaker []string            `yaml:"no_maker"`
	Carrier []string            `yaml:"carrier"` // makers of routers and switches
	// Acquired are names that belong to another maker now.
	Acquired []acquisition `yaml:"acquired"`
}

type file struct {
	Categories   map[string][]string `yaml:"categories"`
	LifeCritical []string            `yaml:"life_critical"`
	Direct       []Direct            `yaml:"direct"`
	Identifiers  []Identifier        `yaml:"identifiers"`
	OwnLinks     []Identifier        `yaml:"own_links"`
	Carried      []Identifier        `yaml:"carried"`
	Virtual      []string            `yaml:"virtual_adapters"`
	Remote       []string            `yaml:"remote_equipment"`
	RemoteClaims []Identifier        `yaml:"remote_claims"`
	UniqueNames  []Identifier        `yaml:"unique_names"`
	Traits       []Identifier        `yaml:"traits"`
	Computers    []string            `yaml:"computer_adapters"`
	BACnet       map[uint32]string   `yaml:"bacnet_vendors"`
	Placeholders []string            `yaml:"placeholders"`
	Vendors      vendors             `yaml:"vendors"`
	OS           []OS                `yaml:"os"`
	Rules        []Rule              `yaml:"rules"`
}

// Builtin loads the rules that the program carries.
func Builtin() (*Set, error) { return Load(builtin) }

// Load reads every .yaml file at the root of dir as one set. Its error lists all faults.
func Load(dir fs.FS) (*Set, error) {
	names, err := fs.Glob(dir, "*.yaml")
	if err != nil {
		return nil, fmt.Errorf("load knowledge: %w", err)
	}
	slices.Sort(names)
	s := newSet()
	var errs []error
	for _, n := range names {
		raw, err := fs.ReadFile(dir, n)
		if err != nil {
			return nil, fmt.Errorf("load knowledge: %w", err)
		}
		var f file
		if err := yaml.NewDecoder(bytes.NewReader(raw), yaml.Strict()).Decode(&f); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", n, err))
			continue
		}
		if err := s.add(&f); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", n, err))
		}
	}
	if err := errors.Join(append(errs, s.check())...); err != nil {
		return nil, fmt.Errorf("load knowledge: %w", err)
	}
	return s, nil
}

func compile(what, expr string) (*regexp.Regexp, error) {
	re, err := regexp.Compile("(?i)" + expr)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return re, nil
}

func (s *Set) add(f *file) error {
	var errs []error
	note := func(err error) { errs = append(errs, err) }
	for category, types := range f.Categories {
		for _, t := range types {
			s.types[t] = category
		}
	}
	for _, t := range f.LifeCritical {
		s.critical[t] = true
	}
	for _, d := range f.Direct {
		s.direct[d.Kind] = d
	}
	for _, p := range f.Placeholders {
		re, err := compile("placeholder "+p, "^(?:"+p+")$")
		note(err)
		s.placeholders = append(s.placeholders, re)
	}
	for n, name := range f.BACnet {
		s.bacnet[fmt.Sprintf("BACnet vendor %d", n)] = name
	}
	note(s.addIdentity(f))
	note(s.addVendors(&f.Vendors))
	for _, o := range f.OS {
		re, err := compile("os "+o.Name, o.Match)
		note(err)
		o.expr = re
		s.systems = append(s.systems, o)
	}
	for _, r := range f.Rules {
		re, err := compile("rule "+r.ID, r.Match)
		note(err)
		r.expr = re
		for kind := range strings.SplitSeq(r.Kind, "|") {
			r.Kind = kind
			s.rules[kind] = append(s.rules[kind], r)
		}
	}
	return errors.Join(errs...)
}

func (s *Set) addVendors(v *vendors) error {
	var errs []error
	note := func(err error) { errs = append(errs, err) }
	for name, exprs := range v.Aliases {
		re, err := compile("vendor "+name, "^(?:"+strings.Join(exprs, "|")+")")
		note(err)
		s.aliases = append(s.aliases, alias{name: name, expr: re})
	}
	for _, a := range v.Acquired {
		re, err := compile("acquisition "+a.Name, "^(?:"+a.Was+")")
		note(err)
		a.expr = re
		s.acquired = append(s.acquired, a)
	}
	for _, e := range v.NoMaker {
		re, err := compile("vendor "+e, "^(?:"+e+")")
		note(err)
		s.noMaker = append(s.noMaker, re)
	}
	for _, e := range v.Carrier {
		re, err := compile("vendor "+e, "^(?:"+e+")")
		note(err)
		s.carriers = append(s.carriers, re)
	}
	return errors.Join(errs...)
}

// attributes that a rule may set.
var attributes = []string{"hostname", "domain", "vendor", "model", "os", "firmware", "software", "serial", "hardware", "role", "location", "type", "category", "handles-ephi"}

// check holds all rules against the closed lists.
func (s *Set) check() error {
	var errs []error
	seen := map[string]bool{}
	// The longer name first: "HPE" and "GE HealthCare" before "HP" and "GE".
	slices.SortFunc(s.aliases, func(a, b alias) int {
		if a.own != b.own {
			return map[bool]int{true: -1, false: 1}[a.own] // a site knows its makers better
		}
		return cmp.Or(cmp.Compare(len(b.name), len(a.name)), strings.Compare(a.name, b.name))
	})
	for kind := range s.rules {
		for _, r := range s.rules[kind] {
			switch {
			case r.ID == "" || seen[r.ID+" "+kind]:
				errs = append(errs, fmt.Errorf("rule %q: id missing or used twice", r.ID))
			case r.Weight <= 0 || r.Weight > 0.95:
				errs = append(errs, fmt.Errorf("rule %s: weight %v is outside 0 to 0.95", r.ID, r.Weight))
			case r.Origin == "" || r.Sample == "" || len(r.Set) == 0:
				errs = append(errs, fmt.Errorf("rule %s: origin, sample and set are required", r.ID))
			}
			seen[r.ID+" "+kind] = true
			for attr, v := range r.Set {
				if !slices.Contains(attributes, attr) {
					errs = append(errs, fmt.Errorf("rule %s: unknown attribute %q", r.ID, attr))
				}
				if _, ok := s.types[v]; attr == "type" && !ok && v != "$1" {
					errs = append(errs, fmt.Errorf("rule %s: type %q is not in the closed list", r.ID, v))
				}
			}
		}
	}
	return errors.Join(errs...)
}
