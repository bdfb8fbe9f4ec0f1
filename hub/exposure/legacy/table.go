package legacy

import (
	"bytes"
	_ "embed" // for the tables
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/wardscope/wardscope/hub/inventory"
)

// Patcher is who may change a device's software.
type Patcher uint8

// The patchers.
const (
	Unknown Patcher = iota
	Owner           // installs patches by itself
	Release         // installs what the maker released for the product
	Maker           // and nobody else
)

var patcherNames = [...]string{"unknown", "owner", "release", "maker"}

// String is the lower-case name.
func (p Patcher) String() string { return patcherNames[min(int(p), len(patcherNames)-1)] }

// Patching is who may change the software of a kind of device.
type Patching struct {
	Types      []string `yaml:"types"`
	Categories []string `yaml:"categories"`
	By         string   `yaml:"by"`
	Reason     string   `yaml:"reason"`
	Source     string   `yaml:"source"`
}

// Product is a line of firmware with the releases that its maker mended, and until when.
type Product struct {
	Name     string            `yaml:"name"`
	Vendor   string            `yaml:"vendor"` // empty: any
	Text     string            `yaml:"text"`   // RE2 that the system's or firmware's name has to match; empty: any
	Releases map[string]string `yaml:"releases"`

	expr *regexp.Regexp
}

// Table is all that verdicts rest on besides the device.
type Table struct {
	Date     string // ISO, of the firmware dates
	patching []Patching
	products []Product
}

//go:embed patching.yaml
var patchingFile []byte

//go:embed firmware.yaml
var firmwareFile []byte

// Builtin reads the tables that the program carries.
func Builtin() (*Table, error) { return read(patchingFile, firmwareFile) }

func read(patching, firmware []byte) (*Table, error) {
	var who struct {
		Patching []Patching `yaml:"patching"`
	}
	var dates struct {
		Date     string    `yaml:"date"`
		Origin   string    `yaml:"origin"`
		Products []Product `yaml:"products"`
	}
	if err := yaml.NewDecoder(bytes.NewReader(patching), yaml.Strict()).Decode(&who); err != nil {
		return nil, fmt.Errorf("read who patches: %w", err)
	}
	if err := yaml.NewDecoder(bytes.NewReader(firmware), yaml.Strict()).Decode(&dates); err != nil {
		return nil, fmt.Errorf("read firmware dates: %w", err)
	}
	var errs []error
	for _, p := range who.Patching {
		if patcherOf(p.By) == Unknown || p.Reason == "" || p.Source == "" || len(p.Types)+len(p.Categories) == 0 {
			errs = append(errs, fmt.Errorf("patching of %v %v: by (owner, release or maker), reason, source and a kind are required", p.Types, p.Categories))
		}
	}
	for i := range dates.Products {
		p := &dates.Products[i]
		re, err := regexp.Compile("(?i)" + p.Text)
		if err != nil {
			errs = append(errs, fmt.Errorf("product %s: %w", p.Name, err))
		}
		if p.expr = re; p.Vendor == "" && p.Text == "" {
			errs = append(errs, fmt.Errorf("product %s: neither vendor nor text", p.Name))
		}
		for release, until := range p.Releases {
			if _, err := time.Parse(time.DateOnly, until); err != nil {
				errs = append(errs, fmt.Errorf("product %s, release %s: %w", p.Name, release, err))
			}
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("read legacy tables: %w", err)
	}
	return &Table{Date: dates.Date, patching: who.Patching, products: dates.Products}, nil
}

func patcherOf(name string) Patcher {
	if i := slices.Index(patcherNames[:], name); i > 0 {
		return Patcher(i)
	}
	return Unknown
}

// patcher tells who may change a device's software, and why.
func (t *Table) patcher(d *inventory.Device) (Patcher, string) {
	if a := d.Attribute(inventory.AttrPatchable); a != nil && a.Value != "" {
		why := "said by"
		for i, e := range a.Evidence {
			if i == 0 || e.Value == a.Value {
				why = "said by " + strings.TrimSuffix(e.Source+", "+e.Rule, ", ")
				break
			}
		}
		if a.Value == "yes" {
			return Owner, why
		}
		return Maker, why
	}
	for _, p := range t.patching {
		if d.Type != "" && slices.Contains(p.Types, d.Type) || d.Category != "" && slices.Contains(p.Categories, d.Category) {
			return patcherOf(p.By), p.Reason
		}
	}
	return Unknown, "neither type nor category is known"
}

var numbers = regexp.MustCompile(`[0-9]+(?:\.[0-9]+)+`)

// release finds the release that a text of a maker's product names, and until when it is mended.
func (t *Table) release(vendor, text string) (name, until string, ok bool) {
	version := numbers.FindString(text)
	if version == "" {
		return "", "", false
	}
	parts := strings.Split(version, ".")
	for i := range parts { // "17.03.05" is release 17.3
		parts[i] = strings.TrimLeft(parts[i][:len(parts[i])-1], "0") + parts[i][len(parts[i])-1:]
	}
	for i := range t.products {
		p := &t.products[i]
		if p.Vendor != "" && !strings.EqualFold(p.Vendor, vendor) || p.Text != "" && !p.expr.MatchString(text) {
			continue
		}
		for n := len(parts); n > 0; n-- {
			for _, release := range []string{strings.Join(parts[:n], "."), padded(parts[:n])} {
				if until, ok := p.Releases[release]; ok {
					return p.Name + " " + release, until, true
				}
			}
		}
	}
	return "", "", false
}

// padded writes the second number with two digits, as releases named after months are.
func padded(parts []string) string {
	if len(parts) < 2 || len(parts[1]) > 1 {
		return strings.Join(parts, ".")
	}
	return parts[0] + ".0" + strings.Join(parts[1:], ".")
}
