package knowledge

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Fact is something seen that a rule may read.
type Fact struct {
	Kind   string // name of an observation kind, or: oui, offers, uses, forwards, offered (all services, in spaces)
	Source string
	Value  string
}

// Outcome is what a fact says about one attribute.
type Outcome struct {
	Attr   string
	Value  string
	Weight float64 // what it is worth alone
	Rule   string  // "" when the claim states it outright
	Topic  string  // what it has in common with other rules that are no further proof; "" is nothing
}

type alias struct {
	own  bool // of a site
	name string
	expr *regexp.Regexp
}

// Set is a loaded body of rules.
type Set struct {
	types        map[string]string // type → category
	critical     map[string]bool   // types that keep patients alive
	direct       map[string]Direct
	identifiers  []Identifier
	ownLinks     []Identifier
	carried      []Identifier
	remoteClaims []Identifier
	uniqueNames  []Identifier
	traits       []Identifier
	virtual      []*regexp.Regexp
	computers    []*regexp.Regexp
	remote       map[string]bool   // services
	bacnet       map[string]string // as the sensor tells a vendor id without a name → name
	placeholders []*regexp.Regexp
	aliases      []alias
	acquired     []acquisition
	noMaker      []*regexp.Regexp
	carriers     []*regexp.Regexp
	systems      []OS
	rules        map[string][]Rule
	own          []string // ids of a site's own rules
	disabled     []string // ids of ours that a site does not want

	mu     sync.Mutex
	memory map[Fact][]Outcome
	makers map[string]string
	named  map[string]*OS
}

// remembered bounds the memory of answers: the values come from the network.
const remembered = 1 << 17

func newSet() *Set {
	return &Set{types: map[string]string{}, critical: map[string]bool{}, remote: map[string]bool{}, bacnet: map[string]string{}, direct: map[string]Direct{}, rules: map[string][]Rule{},
		memory: map[Fact][]Outcome{}, makers: map[string]string{}, named: map[string]*OS{}}
}

// Rules lists every rule, for tests and for showing them.
func (s *Set) Rules() []Rule {
	var out []Rule
	for _, rs := range s.rules {
		out = append(out, rs...)
	}
	slices.SortFunc(out, func(a, b Rule) int { return strings.Compare(a.ID, b.ID) })
	return out
}

// Systems lists the operating systems that the set knows.
func (s *Set) Systems() []OS { return s.systems }

// Category is the category of a type, "" when the type is not in the closed list.
func (s *Set) Category(typ string) string { return s.types[typ] }

// LifeCritical reports a type whose failure harms a patient at once.
func (s *Set) LifeCritical(typ string) bool { return s.critical[typ] }

// Types lists the closed list.
func (s *Set) Types() []string {
	out := make([]string, 0, len(s.types))
	for t := range s.types {
		out = append(out, t)
	}
	slices.Sort(out)
	return out
}

// Read tells what a fact means. The result is shared: do not change it.
func (s *Set) Read(f Fact) []Outcome {
	s.mu.Lock()
	out, ok := s.memory[f]
	s.mu.Unlock()
	if ok {
		return out
	}
	out = s.read(f)
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.memory) >= remembered {
		clear(s.memory)
	}
	s.memory[f] = out
	return out
}

func (s *Set) read(f Fact) []Outcome {
	if name, ok := s.bacnet[f.Value]; ok && f.Kind == "vendor" {
		f.Value = name
	}
	if s.Placeholder(f.Value) {
		return nil
	}
	var out []Outcome
	if d, ok := s.direct[f.Kind]; ok {
		w := d.Default
		protocol, _, _ := strings.Cut(f.Source, ".")
		if v, ok := d.Sources[f.Source]; ok {
			w = v
		} else if v, ok := d.Sources[protocol]; ok {
			w = v
		}
		attr := d.Attr
		if attr == "model" && s.maker(f.Value) {
			attr = "vendor" // a field for the product, in which the maker stands alone
		}
		if v := s.tidy(attr, f.Value); w > 0 && v != "" {
			out = append(out, Outcome{Attr: attr, Value: v, Weight: w, Rule: s.acquisition(attr, f.Value)})
		}
	}
	for i := range s.rules[f.Kind] {
		out = s.rules[f.Kind][i].apply(s, f, out)
	}
	slices.SortFunc(out, func(a, b Outcome) int {
		return strings.Compare(a.Attr+"|"+a.Rule+"|"+a.Value, b.Attr+"|"+b.Rule+"|"+b.Value)
	})
	return out
}

func (r *Rule) apply(s *Set, f Fact, out []Outcome) []Outcome {
	if !glob(r.Source, f.Source) {
		return out
	}
	m := r.expr.FindStringSubmatchIndex(f.Value)
	if m == nil {
		return out
	}
	for attr, tmpl := range r.Set {
		v := strings.TrimSpace(string(r.expr.ExpandString(nil, tmpl, f.Value, m)))
		if v = s.tidy(attr, v); v == "" || s.Placeholder(v) {
			continue
		}
		out = append(out, Outcome{Attr: attr, Value: v, Weight: r.Weight, Rule: r.ID, Topic: r.topic(attr)})
		if c := s.types[v]; attr == "type" && r.Set["category"] == "" {
			out = append(out, Outcome{Attr: "category", Value: c, Weight: r.Weight, Rule: r.ID, Topic: r.topic("category")})
		}
	}
	return out
}

// topic is the rule's topic for what a device is; what it runs is told by each protocol anew.
func (r *Rule) topic(attr string) string {
	if attr == "category" || attr == "type" {
		return r.Topic
	}
	return ""
}

// tidy brings a value into the form in which values are compared and shown.
func (s *Set) tidy(attr, v string) string {
	switch attr {
	case "vendor":
		return s.Vendor(v)
	case "os":
		if o := s.System(v); o != nil {
			return o.named(v)
		}
	case "type":
		if _, ok := s.types[v]; !ok {
			return ""
		}
	}
	return v
}

func glob(pattern, source string) bool {
	if p, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(source, p)
	}
	return pattern == "" || pattern == source
}

// Placeholder reports values that say nothing, such as "To be filled by O.E.M.".
func (s *Set) Placeholder(v string) bool {
	v = strings.TrimSpace(v)
	return v == "" || slices.ContainsFunc(s.placeholders, func(re *regexp.Regexp) bool { return re.MatchString(v) })
}

// Vendor is our one name for a maker, whatever a device or registry calls it.
func (s *Set) Vendor(raw string) string {
	raw = strings.TrimSpace(raw)
	s.mu.Lock()
	name, ok := s.makers[raw]
	s.mu.Unlock()
	if ok {
		return name
	}
	name = raw
	for _, a := range s.aliases {
		if a.expr.MatchString(raw) {
			name = a.name
			break
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.makers) >= remembered {
		clear(s.makers)
	}
	s.makers[raw] = name
	return name
}

// maker reports a value that is the name of a maker and nothing else.
func (s *Set) maker(v string) bool {
	return slices.ContainsFunc(s.aliases, func(a alias) bool { return strings.EqualFold(a.name, strings.TrimSpace(v)) })
}

// acquisition says by whom a claimed maker was bought; "" when it was not, or for other attributes.
func (s *Set) acquisition(attr, claimed string) string {
	if attr != "vendor" {
		return ""
	}
	for i := range s.acquired {
		a := &s.acquired[i]
		if a.expr.MatchString(strings.TrimSpace(claimed)) && s.Vendor(claimed) == a.Is {
			return fmt.Sprintf("%s belongs to %s since %d", a.Name, a.Is, a.Since)
		}
	}
	return ""
}

// Maker is the maker of a device by the registrant of its link address; "" when the registrant
// makes virtual adapters or modules for others.
func (s *Set) Maker(registrant string) string {
	for _, re := range s.noMaker {
		if re.MatchString(registrant) {
			return ""
		}
	}
	return s.Vendor(registrant)
}

// Carrier reports registrants that make routers and switches, so that a link address of theirs
// may well carry the packets of others.
func (s *Set) Carrier(registrant string) bool {
	return slices.ContainsFunc(s.carriers, func(re *regexp.Regexp) bool { return re.MatchString(registrant) })
}

// System is the operating system that a claimed name means, nil when unknown.
func (s *Set) System(claimed string) *OS {
	s.mu.Lock()
	o, ok := s.named[claimed]
	s.mu.Unlock()
	if ok {
		return o
	}
	for i := range s.systems {
		if s.systems[i].Name == claimed {
			o = &s.systems[i]
		}
	}
	for i := range s.systems {
		if o == nil && s.systems[i].expr.MatchString(claimed) {
			o = &s.systems[i]
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.named) >= remembered {
		clear(s.named)
	}
	s.named[claimed] = o
	return o
}
