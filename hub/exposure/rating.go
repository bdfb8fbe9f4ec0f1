package exposure

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"regexp"
	"slices"

	"github.com/goccy/go-yaml"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/internal/service"
)

// Severity ranks findings; the numbers are those of wardscope.hub.v1.Severity.
type Severity uint8

// The severities.
const (
	SeverityUnset Severity = iota
	Informational
	Low
	Medium
	High
	Critical
)

var severityNames = [...]string{"unset", "informational", "low", "medium", "high", "critical"}

// String is the lower-case name that filters use.
func (s Severity) String() string {
	if int(s) < len(severityNames) {
		return severityNames[s]
	}
	return "unset"
}

// rating says how bad a weakness is, and why. Conditions that are not set fit anything.
type rating struct {
	Types    []string `yaml:"types"`
	Services []string `yaml:"services"`
	Role     string   `yaml:"role"`
	Roles    []string `yaml:"roles"`
	Match    string   `yaml:"match"` // over rule and detail
	Medical  bool     `yaml:"medical"`
	Severity string   `yaml:"severity"`
	Reason   string   `yaml:"reason"`
	Meaning  string   `yaml:"meaning"`
	Remedy   string   `yaml:"remedy"`

	severity Severity
	expr     *regexp.Regexp
}

//go:embed rating.yaml
var ratingFile []byte

// Ratings are the built-in table.
type Ratings struct{ list []rating }

// LoadRatings reads the built-in table; its error lists all faults.
func LoadRatings() (*Ratings, error) { return parseRatings(ratingFile) }

func parseRatings(text []byte) (*Ratings, error) {
	var f struct {
		Ratings []rating `yaml:"ratings"`
	}
	if err := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict()).Decode(&f); err != nil {
		return nil, fmt.Errorf("load ratings: %w", err)
	}
	known := map[string]bool{}
	for _, name := range model.FindingTypes() {
		known[name] = true
	}
	var errs []error
	for i := range f.Ratings {
		r := &f.Ratings[i]
		for _, t := range r.Types {
			if !known[t] {
				errs = append(errs, fmt.Errorf("rating %d: there is no finding type %q", i+1, t))
			}
		}
		r.severity = Severity(max(slices.Index(severityNames[:], r.Severity), 0))
		if r.severity == SeverityUnset || r.Reason == "" || r.Meaning == "" || r.Remedy == "" {
			errs = append(errs, fmt.Errorf("rating %d: severity, reason, meaning and remedy are required", i+1))
		}
		if r.Role != "" {
			r.Roles = append(r.Roles, r.Role)
		}
		if r.Match != "" {
			expr, err := regexp.Compile("(?i)" + r.Match)
			if err != nil {
				errs = append(errs, fmt.Errorf("rating %d: %w", i+1, err))
			}
			r.expr = expr
		}
	}
	return &Ratings{f.Ratings}, errors.Join(errs...)
}

// rate finds the entry for a finding; nil when the table has none.
func (rs *Ratings) rate(f *Finding) *rating {
	role := ""
	if s, ok := service.ByName(f.Service); ok {
		role = s.Role.String()
	}
	medical := role == service.RoleMedical.String() || f.Subject.Device != nil && f.Subject.Device.Category == "medical"
	for i := range rs.list {
		r := &rs.list[i]
		if slices.Contains(r.Types, f.Type.String()) && (len(r.Services) == 0 || slices.Contains(r.Services, f.Service)) &&
			(len(r.Roles) == 0 || slices.Contains(r.Roles, role)) && (!r.Medical || medical) &&
			(r.expr == nil || r.expr.MatchString(f.Rule+" "+f.Detail)) {
			return r
		}
	}
	return nil
}
