package knowledge

import (
	"errors"
	"regexp"
	"slices"
	"strings"
)

// addIdentity adds what tells one machine from another.
func (s *Set) addIdentity(f *file) error {
	var errs []error
	ids := func(into *[]Identifier, what string, from []Identifier) {
		for _, id := range from {
			re, err := compile(what+" "+id.Name+" "+id.Source, id.Match)
			errs = append(errs, err)
			id.expr = re
			*into = append(*into, id)
		}
	}
	ids(&s.identifiers, "identifier", f.Identifiers)
	ids(&s.ownLinks, "own link", f.OwnLinks)
	ids(&s.carried, "carried", f.Carried)
	ids(&s.remoteClaims, "remote claim", f.RemoteClaims)
	ids(&s.uniqueNames, "unique name", f.UniqueNames)
	ids(&s.traits, "trait", f.Traits)
	registrants := func(into *[]*regexp.Regexp, what string, from []string) {
		for _, e := range from {
			re, err := compile(what+" "+e, "^(?:"+e+")")
			errs = append(errs, err)
			*into = append(*into, re)
		}
	}
	registrants(&s.virtual, "virtual adapter", f.Virtual)
	registrants(&s.computers, "computer adapter", f.Computers)
	for _, service := range f.Remote {
		s.remote[service] = true
	}
	return errors.Join(errs...)
}

// Carries reports a part that equipment takes along from gateway to gateway: its own identifier,
// not a number that the gateway gave it.
func (s *Set) Carries(part string) bool {
	for i := range s.carried {
		if s.carried[i].expr.MatchString(part) {
			_, value, _ := strings.Cut(part, ":")
			return !s.Placeholder(value)
		}
	}
	return false
}

// Virtual reports registrants whose link addresses software makes up: two machines may have one.
func (s *Set) Virtual(registrant string) bool {
	return slices.ContainsFunc(s.virtual, func(re *regexp.Regexp) bool { return re.MatchString(registrant) })
}

// Identifies is the identifier that a claim is, such as the serial number, if it identifies one machine.
func (s *Set) Identifies(f Fact) (*Identifier, bool) {
	for i := range s.identifiers {
		id := &s.identifiers[i]
		if id.Kind == f.Kind && glob(id.Source, f.Source) && id.expr.MatchString(f.Value) {
			if s.Placeholder(f.Value) {
				return nil, false
			}
			return id, true
		}
	}
	return nil, false
}

// MayIdentify reports kinds of claims of which some identify one machine.
func (s *Set) MayIdentify(kind string) bool {
	return slices.ContainsFunc(s.identifiers, func(id Identifier) bool { return id.Kind == kind })
}

// NamesLink is the link address that a machine names as its own in a claim.
func (s *Set) NamesLink(f Fact) (string, bool) {
	for i := range s.ownLinks {
		id := &s.ownLinks[i]
		if id.Kind != f.Kind || id.Source != f.Source {
			continue
		}
		if m := id.expr.FindStringSubmatch(f.Value); len(m) == 2 {
			return m[1], true
		}
	}
	return "", false
}

// Remote reports a service that makes a device of an address that nobody declared.
func (s *Set) Remote(service string) bool { return s.remote[service] }

// RemoteClaim reports what only equipment of ours says of itself to others of ours, unasked: it
// makes a device of an address that nobody declared.
func (s *Set) RemoteClaim(f Fact) bool { return among(s.remoteClaims, f) }

// UniqueName reports a name in a protocol by which two machines of one link cannot keep one.
func (s *Set) UniqueName(f Fact) bool {
	return slices.ContainsFunc(s.uniqueNames, func(id Identifier) bool {
		return id.Kind == f.Kind && id.Source == f.Source && id.expr.MatchString(f.Value)
	})
}

// TellsKind reports a claim by which a machine says what kind it is, beside a unique name.
func (s *Set) TellsKind(f Fact) bool { return among(s.traits, f) }

func among(ids []Identifier, f Fact) bool {
	return slices.ContainsFunc(ids, func(id Identifier) bool { return id.Kind == f.Kind && id.Source == f.Source })
}

// Computer reports registrants that make computers, or adapters for them: no routers.
func (s *Set) Computer(registrant string) bool {
	return slices.ContainsFunc(s.computers, func(re *regexp.Regexp) bool { return re.MatchString(registrant) })
}
