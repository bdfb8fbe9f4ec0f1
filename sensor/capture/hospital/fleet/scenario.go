package fleet

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/wardscope/wardscope/internal/model"
)

// Scenario describes a health system, or one of the two reference loads.
type Scenario struct {
	Name string `yaml:"name"`
	// Load names a reference load, "mix" or "flows"; empty for a health system.
	Load string `yaml:"load"`
	Seed uint64 `yaml:"seed"`
	// Start is the time of the first packet; zero means that the last packet is now.
	Start    time.Time     `yaml:"start"`
	Duration time.Duration `yaml:"duration"`
	// Speed is how many virtual seconds pass in a real one when the scenario is a live source;
	// 0 means as fast as possible.
	Speed float64 `yaml:"speed"`
	// Scale multiplies the counts of devices.
	Scale   float64 `yaml:"scale"`
	Packets int     `yaml:"packets"` // of a reference load
	Partner string  `yaml:"partner"` // prefix of the hosted records system
	Sites   []Site  `yaml:"sites"`
}

// Site is one hospital of a scenario.
type Site struct {
	ID     string `yaml:"id"`
	Title  string `yaml:"title"`
	Realm  string `yaml:"realm"`
	Prefix string `yaml:"prefix"` // a /16 of its own addresses
	Public string `yaml:"public"` // a /24 that the hospital owns; empty for none
	Domain string `yaml:"domain"` // DNS domain; its first label is the Windows domain
	Tagged bool   `yaml:"tagged"` // the mirror shows 802.1Q tags
	// Archive is the site whose PACS takes this site's images; empty for its own.
	Archive string         `yaml:"archive"`
	Devices map[string]int `yaml:"devices"` // by type
	Planted []string       `yaml:"planted"` // names of weaknesses
}

// Parse reads a scenario from YAML; unknown keys are errors.
func Parse(raw []byte) (Scenario, error) {
	s := Scenario{Scale: 1, Duration: time.Hour}
	if err := yaml.NewDecoder(bytes.NewReader(raw), yaml.Strict()).Decode(&s); err != nil {
		return Scenario{}, fmt.Errorf("parse scenario: %w", err)
	}
	return s, s.Validate()
}

// Validate reports all faults at once.
func (s Scenario) Validate() error {
	var errs []error
	if s.Load != "" {
		if s.Load != "mix" && s.Load != "flows" {
			errs = append(errs, fmt.Errorf("load %q: want mix or flows", s.Load))
		}
		if s.Packets < 1 {
			errs = append(errs, fmt.Errorf("packets: %d is under 1", s.Packets))
		}
		return errors.Join(errs...)
	}
	if s.Duration < time.Minute || s.Duration > 31*24*time.Hour {
		errs = append(errs, fmt.Errorf("duration: %s is not between 1m and 744h", s.Duration))
	}
	if s.Scale <= 0 || s.Scale > 10 {
		errs = append(errs, fmt.Errorf("scale: %g is not between 0 and 10", s.Scale))
	}
	if s.Speed < 0 {
		errs = append(errs, fmt.Errorf("speed: %g is negative", s.Speed))
	}
	if _, err := network(s.Partner, 24); s.Partner != "" && err != nil {
		errs = append(errs, fmt.Errorf("partner: %w", err))
	}
	if len(s.Sites) == 0 {
		errs = append(errs, errors.New("sites: none given"))
	}
	for i := range s.Sites {
		errs = append(errs, s.Sites[i].validate(s.SiteIDs()))
	}
	return errors.Join(errs...)
}

// SiteIDs lists the sites in their order.
func (s Scenario) SiteIDs() []string {
	var out []string
	for i := range s.Sites {
		out = append(out, s.Sites[i].ID)
	}
	return out
}

func (t *Site) validate(sites []string) error {
	var errs []error
	at := func(err error) {
		if err != nil {
			errs = append(errs, fmt.Errorf("site %s: %w", t.ID, err))
		}
	}
	at(model.CheckID("id", t.ID))
	at(model.CheckID("realm", t.Realm))
	_, err := network(t.Prefix, 16)
	at(err)
	if t.Public != "" {
		_, err := network(t.Public, 24)
		at(err)
	}
	if t.Archive != "" && !slices.Contains(sites, t.Archive) {
		at(fmt.Errorf("archive %q is not a site", t.Archive))
	}
	if t.Archive == "" && t.Devices["pacs"] == 0 {
		at(errors.New("needs a pacs device or an archive site"))
	}
	for typ := range t.Devices {
		if Catalogue[typ] == nil {
			at(fmt.Errorf("devices: unknown type %q", typ))
		}
	}
	return errors.Join(errs...)
}

// network parses an IPv4 prefix of exactly bits.
func network(text string, bits int) ([4]byte, error) {
	p, err := netip.ParsePrefix(text)
	if err != nil {
		return [4]byte{}, fmt.Errorf("prefix %q: want an IPv4 /%d", text, bits)
	}
	if !p.Addr().Is4() || p.Bits() != bits || p.Masked() != p {
		return [4]byte{}, fmt.Errorf("prefix %q: want an IPv4 /%d without host bits", text, bits)
	}
	return p.Addr().As4(), nil
}
