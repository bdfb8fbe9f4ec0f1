package flowmap

import (
	"bytes"
	_ "embed" // for the table
	"errors"
	"fmt"
	"slices"

	"github.com/goccy/go-yaml"

	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/internal/service"
)

//go:embed care.yaml
var careFile []byte

// Kind is what a device is to care.
type Kind struct {
	Name         string   `yaml:"name"`
	Plural       string   `yaml:"plural"`
	Weight       float64  `yaml:"weight"`
	LifeCritical bool     `yaml:"life_critical"` // of devices that are said to be
	Types        []string `yaml:"types"`
	Categories   []string `yaml:"categories"`
}

// Care tells what devices and services are to care.
type Care struct {
	Kinds    []Kind             `yaml:"kinds"` // the first that fits
	Roles    map[string]float64 `yaml:"roles"`
	Services map[string]float64 `yaml:"services"`
}

var roleNames = map[service.Role]string{
	service.RoleMedical: "medical", service.RoleBuilding: "building", service.RoleControl: "control", service.RoleIT: "it", service.RoleIoT: "iot",
	service.RoleRemote: "remote", service.RoleManagement: "management", service.RoleInfra: "infrastructure", service.RoleUnset: "unknown",
}

// LoadCare reads the table that the program carries.
func LoadCare() (*Care, error) { return readCare(careFile) }

func readCare(raw []byte) (*Care, error) {
	c := &Care{}
	if err := yaml.NewDecoder(bytes.NewReader(raw), yaml.Strict()).Decode(c); err != nil {
		return nil, fmt.Errorf("read what devices are to care: %w", err)
	}
	var errs []error
	for i, k := range c.Kinds {
		if k.Name == "" || k.Plural == "" || k.Weight <= 0 {
			errs = append(errs, fmt.Errorf("kind %q: name, plural and a weight above 0 are required", k.Name))
		}
		if last := i == len(c.Kinds)-1; k.any() != last {
			errs = append(errs, fmt.Errorf("kind %q: the last kind, and no other, takes every device", k.Name))
		}
	}
	for _, name := range roleNames {
		if _, ok := c.Roles[name]; !ok {
			errs = append(errs, fmt.Errorf("role %q has no weight", name))
		}
	}
	for name := range c.Services {
		if _, ok := service.ByName(name); !ok {
			errs = append(errs, fmt.Errorf("service %q is not in the table of services", name))
		}
	}
	if len(c.Kinds) == 0 {
		errs = append(errs, errors.New("no kinds"))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("read what devices are to care: %w", err)
	}
	return c, nil
}

func (k *Kind) any() bool { return !k.LifeCritical && len(k.Types) == 0 && len(k.Categories) == 0 }

// Kind tells what a device is to care, as a number of Kinds.
func (c *Care) Kind(d *inventory.Device) int {
	critical := d.Attribute(inventory.AttrLifeCritical)
	for i := range c.Kinds {
		k := &c.Kinds[i]
		switch {
		case k.LifeCritical && critical != nil && critical.Value == "yes",
			d.Type != "" && slices.Contains(k.Types, d.Type),
			d.Category != "" && slices.Contains(k.Categories, d.Category),
			k.any():
			return i
		}
	}
	return len(c.Kinds) - 1
}

// Service tells what a service is worth to who uses it, 0 to 1; 0 is no need.
func (c *Care) Service(name string) float64 {
	if v, ok := c.Services[name]; ok {
		return v
	}
	row, _ := service.ByName(name)
	return c.Roles[roleNames[row.Role]]
}
