package knowledge

import (
	"regexp"
	"strings"
)

// release finds the number in the name of a distribution's release.
var release = regexp.MustCompile(`^([A-Za-z ]+ )([0-9.]+)( \(Linux\))$`)

// named is the name of the system, with the point release if the claim tells one: support ends
// with the release, advisories ask for the point.
func (o *OS) named(claimed string) string {
	m := release.FindStringSubmatch(o.Name)
	if m == nil {
		return o.Name
	}
	for _, word := range strings.FieldsFunc(claimed, func(r rune) bool { return r != '.' && (r < '0' || r > '9') }) {
		if point := strings.TrimRight(word, "."); strings.HasPrefix(point, m[2]+".") {
			return m[1] + point + m[3]
		}
	}
	return o.Name
}
