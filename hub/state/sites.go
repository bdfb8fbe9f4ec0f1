package state

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/internal/subject"
)

// Sites is what people declared about their networks: the one document from which realms and
// "external" follow.
type Sites struct {
	Revision uint64    `json:"-" yaml:"-"` // 0 when nothing has been declared
	Sites    []Site    `json:"sites" yaml:"sites"`
	Partners []Partner `json:"partners,omitempty" yaml:"partners"`
}

// Site is one hospital or clinic.
type Site struct {
	ID          model.SiteID   `json:"id" yaml:"id"`
	Name        string         `json:"name,omitempty" yaml:"name"`
	Realm       model.Realm    `json:"realm,omitempty" yaml:"realm"` // empty: a realm of its own, named as the site
	Prefixes    []netip.Prefix `json:"prefixes,omitempty" yaml:"prefixes"`
	Realms      []RealmRule    `json:"realms,omitempty" yaml:"realms"`
	Departments []Department   `json:"departments,omitempty" yaml:"departments"`
}

// RealmRule gives a part of a site a realm of its own. Fields that are not set match anything.
type RealmRule struct {
	Realm  model.Realm    `json:"realm" yaml:"realm"`
	Domain model.DomainID `json:"domain,omitempty" yaml:"domain"`
	VLAN   uint16         `json:"vlan,omitempty" yaml:"vlan"`
	Prefix netip.Prefix   `json:"prefix,omitzero" yaml:"prefix"`
}

// Department is a part of a hospital, in a building or not.
type Department struct {
	Name     string         `json:"name" yaml:"name"`
	Building string         `json:"building,omitempty" yaml:"building"`
	Prefixes []netip.Prefix `json:"prefixes,omitempty" yaml:"prefixes"`
	VLANs    []uint16       `json:"vlans,omitempty" yaml:"vlans"`
	// Networks are names of radio networks (SSID), Ports are switch ports or access points as RADIUS
	// and DHCP tell them; a * stands for anything.
	Networks []string `json:"networks,omitempty" yaml:"networks"`
	Ports    []string `json:"ports,omitempty" yaml:"ports"`
}

// Partner is somebody else's network that belongs to daily work.
type Partner struct {
	Name     string         `json:"name" yaml:"name"`
	Prefixes []netip.Prefix `json:"prefixes,omitempty" yaml:"prefixes"`
}

// Validate reports all faults at once, each with the path of its field.
func (s Sites) Validate() error {
	var errs []error
	add := func(err error, path string, args ...any) {
		if err != nil {
			errs = append(errs, fmt.Errorf(path+": %w", append(args, err)...))
		}
	}
	seen := map[model.SiteID]bool{}
	for i, site := range s.Sites {
		add(model.CheckID("site", string(site.ID)), "sites[%d].id", i)
		if seen[site.ID] {
			add(fmt.Errorf("%q is there twice", site.ID), "sites[%d].id", i)
		}
		seen[site.ID] = true
		if site.Realm != "" {
			add(model.CheckID("realm", string(site.Realm)), "sites[%d].realm", i)
		}
		for j, p := range site.Prefixes {
			add(checkPrefix(p), "sites[%d].prefixes[%d]", i, j)
		}
		for j, r := range site.Realms {
			add(checkRule(r), "sites[%d].realms[%d]", i, j)
		}
		for j, d := range site.Departments {
			add(checkDepartment(d), "sites[%d].departments[%d]", i, j)
		}
	}
	for i, partner := range s.Partners {
		if partner.Name == "" {
			add(errors.New("is empty"), "partners[%d].name", i)
		}
		for j, p := range partner.Prefixes {
			add(checkPrefix(p), "partners[%d].prefixes[%d]", i, j)
		}
	}
	return errors.Join(errs...)
}

const maxVLAN = 4094 // IEEE 802.1Q, table 9-2

func checkPrefix(p netip.Prefix) error {
	switch {
	case !p.IsValid():
		return errors.New("is no prefix; write it as 10.20.0.0/16")
	case p.Masked() != p:
		return fmt.Errorf("%s has bits behind its length; write %s", p, p.Masked())
	case p.Addr().Is4In6():
		return fmt.Errorf("%s is an IPv4 address in IPv6 form; write it as IPv4", p)
	}
	return nil
}

func checkRule(r RealmRule) error {
	var errs []error
	errs = append(errs, model.CheckID("realm", string(r.Realm)))
	if r.Prefix != (netip.Prefix{}) {
		errs = append(errs, checkPrefix(r.Prefix))
	}
	if r.VLAN > maxVLAN {
		errs = append(errs, fmt.Errorf("vlan %d is over %d", r.VLAN, maxVLAN))
	}
	if r.Domain == 0 && r.VLAN == 0 && r.Prefix == (netip.Prefix{}) {
		errs = append(errs, errors.New("names neither domain, vlan nor prefix; set the realm of the site instead"))
	}
	return errors.Join(errs...)
}

func checkDepartment(d Department) error {
	var errs []error
	if d.Name == "" && d.Building == "" {
		errs = append(errs, errors.New("has no name and is no building"))
	}
	for _, list := range [][]string{d.Networks, d.Ports} {
		for _, v := range list {
			if strings.Trim(v, "*") == "" {
				errs = append(errs, fmt.Errorf("%q fits everything; name a network or port", v))
			}
		}
	}
	for _, p := range d.Prefixes {
		errs = append(errs, checkPrefix(p))
	}
	for _, v := range d.VLANs {
		if v > maxVLAN {
			errs = append(errs, fmt.Errorf("vlan %d is over %d", v, maxVLAN))
		}
	}
	return errors.Join(errs...)
}

// Sites reads the declaration; the zero value when there is none.
func (s *State) Sites(ctx context.Context) (Sites, error) {
	v, revision, err := get[Sites](ctx, s.control, subject.KeySites)
	if errors.Is(err, ErrNotFound) {
		return Sites{}, nil
	}
	v.Revision = revision
	return v, err
}

// PutSites replaces the declaration of a revision; expected 0 replaces whatever is there. It
// returns the new revision, or ErrConflict.
func (s *State) PutSites(ctx context.Context, v Sites, expected uint64) (uint64, error) {
	if err := v.Validate(); err != nil {
		return 0, err
	}
	return replace(ctx, s.control, subject.KeySites, v, expected)
}

// WatchSites calls fn with the declaration now and after each change, until the context ends.
func (s *State) WatchSites(ctx context.Context, fn func(Sites)) error {
	return watch(ctx, s.control, subject.KeySites, func(v Sites, revision uint64) {
		v.Revision = revision
		fn(v)
	})
}

// Zones is the list of groups, in the order in which they are tried.
type Zones struct {
	Revision uint64 `json:"-" yaml:"-"` // 0 when nothing has been declared
	Zones    []Zone `json:"zones" yaml:"zones"`
}

// Zone is a group of devices by selector (IEC 62443-3-2).
type Zone struct {
	Name     string `json:"name" yaml:"name"`
	Selector string `json:"selector" yaml:"selector"` // filter over device attributes; checked by the API
}

// Validate reports all faults at once.
func (z Zones) Validate() error {
	var errs []error
	seen := map[string]bool{}
	for i, zone := range z.Zones {
		switch {
		case zone.Name == "" || len(zone.Name) > model.MaxText:
			errs = append(errs, fmt.Errorf("zones[%d].name: want 1 to %d bytes", i, model.MaxText))
		case seen[zone.Name]:
			errs = append(errs, fmt.Errorf("zones[%d].name: %q is there twice", i, zone.Name))
		}
		seen[zone.Name] = true
	}
	return errors.Join(errs...)
}

// Zones reads the groups; the zero value when there are none.
func (s *State) Zones(ctx context.Context) (Zones, error) {
	v, revision, err := get[Zones](ctx, s.control, subject.KeyZones)
	if errors.Is(err, ErrNotFound) {
		return Zones{}, nil
	}
	v.Revision = revision
	return v, err
}

// PutZones replaces the groups; see PutSites.
func (s *State) PutZones(ctx context.Context, v Zones, expected uint64) (uint64, error) {
	if err := v.Validate(); err != nil {
		return 0, err
	}
	return replace(ctx, s.control, subject.KeyZones, v, expected)
}

// WatchZones calls fn with the groups now and after each change, until the context ends.
func (s *State) WatchZones(ctx context.Context, fn func(Zones)) error {
	return watch(ctx, s.control, subject.KeyZones, func(v Zones, revision uint64) {
		v.Revision = revision
		fn(v)
	})
}
