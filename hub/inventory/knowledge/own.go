package knowledge

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"

	"github.com/goccy/go-yaml"
)

// Bounds of a site's own files: every rule is tried on every claim of its kind.
const (
	maxOwnBytes = 1 << 20
	maxOwnRules = 5000
)

// ownFile is what a site may say: more rules, names and placeholders, and which of ours not to use.
type ownFile struct {
	Rules        []Rule   `yaml:"rules"`
	Placeholders []string `yaml:"placeholders"`
	Vendors      struct {
		Aliases map[string][]string `yaml:"aliases"`
	} `yaml:"vendors"`
	OS      []OS     `yaml:"os"`
	Disable []string `yaml:"disable"` // ids of the program's rules
}

// Extend loads the program's rules with a site's own files, by name, over them. Own names of makers and systems come first, own rules add evidence, and rules of ours that
// own files disable say nothing. Its error lists all faults.
func Extend(own map[string][]byte) (*Set, error) {
	s, err := Builtin()
	if err != nil {
		return nil, err
	}
	var errs []error
	for _, n := range slices.Sorted(maps.Keys(own)) {
		if err := s.extend(own[n]); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", n, err))
		}
	}
	if len(s.own) > maxOwnRules {
		errs = append(errs, fmt.Errorf("%d own rules, at most %d are taken", len(s.own), maxOwnRules))
	}
	if err := errors.Join(append(errs, s.check())...); err != nil {
		return nil, fmt.Errorf("load own rules: %w", err)
	}
	return s, nil
}

func (s *Set) extend(raw []byte) error {
	if len(raw) > maxOwnBytes {
		return fmt.Errorf("%d bytes, at most %d are read", len(raw), maxOwnBytes)
	}
	var f ownFile
	if err := yaml.NewDecoder(bytes.NewReader(raw), yaml.Strict()).Decode(&f); err != nil {
		return err
	}
	var errs []error
	for _, r := range f.Rules {
		errs = append(errs, r.proven())
		s.own = append(s.own, r.ID)
	}
	if err := errors.Join(errs...); err != nil {
		return err // what cannot be compiled must not be added
	}
	for _, id := range f.Disable {
		errs = append(errs, s.disable(id))
	}
	aliases, systems := s.aliases, s.systems
	s.aliases, s.systems = nil, nil
	add := file{Rules: f.Rules, Placeholders: f.Placeholders, OS: f.OS}
	add.Vendors.Aliases = f.Vendors.Aliases
	errs = append(errs, s.add(&add))
	for i := range s.aliases {
		s.aliases[i].own = true
	}
	s.aliases, s.systems = append(s.aliases, aliases...), append(s.systems, systems...)
	return errors.Join(errs...)
}

// proven holds a rule against its own sample: one that does not read it has never worked.
func (r *Rule) proven() error {
	re, err := regexp.Compile("(?i)" + r.Match)
	switch {
	case err != nil:
		return fmt.Errorf("rule %s: %w", r.ID, err)
	case !re.MatchString(r.Sample):
		return fmt.Errorf("rule %s: does not match its sample %q", r.ID, r.Sample)
	case r.Other != "" && re.MatchString(r.Other):
		return fmt.Errorf("rule %s: matches %q, which it must not", r.ID, r.Other)
	}
	return nil
}

func (s *Set) disable(id string) error {
	found := false
	for kind, rules := range s.rules {
		kept := slices.DeleteFunc(slices.Clone(rules), func(r Rule) bool { return r.ID == id })
		found = found || len(kept) < len(rules)
		s.rules[kind] = kept
	}
	if !found {
		return fmt.Errorf("disable: the program has no rule %q", id)
	}
	s.disabled = append(s.disabled, id)
	return nil
}

// Own lists the ids of a site's own rules, ascending.
func (s *Set) Own() []string {
	out := slices.Clone(s.own)
	slices.Sort(out)
	return out
}

// Disabled lists the program's rules that a site does not want, ascending.
func (s *Set) Disabled() []string {
	out := slices.Clone(s.disabled)
	slices.Sort(out)
	return out
}
