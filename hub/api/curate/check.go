package curate

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/wardscope/wardscope/hub/api/problem"
	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/hub/inventory/correction"
	"github.com/wardscope/wardscope/hub/inventory/identity"
	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/internal/model"
)

// correctable are the attributes that people may set; labels have a call of their own.
var correctable = []string{
	inventory.AttrHostname, inventory.AttrVendor, inventory.AttrModel, inventory.AttrHardware, inventory.AttrOS, inventory.AttrFirmware, inventory.AttrSerial,
	inventory.AttrType, inventory.AttrCategory, inventory.AttrRole, inventory.AttrLocation, inventory.AttrDepartment, inventory.AttrOwner, inventory.AttrCriticality,
}

var (
	label         = regexp.MustCompile(`^[\p{L}\p{N}._:/-]{1,64}$`)
	criticalities = []string{"low", "medium", "high", "critical"}
	categories    = []string{"medical", "building", "ot", "it", "iot"}
)

// check refuses what no attribute of that name can be.
func (s *Server) check(name, value string) error {
	if !slices.Contains(correctable, name) {
		return problem.Field("attribute", fmt.Sprintf("%q cannot be set: use %s", name, strings.Join(correctable, ", ")))
	}
	switch {
	case value == "":
		return nil
	case len(value) > model.MaxText || value != model.Text(value):
		return problem.Field("value", fmt.Sprintf("must be at most %d bytes of text without control characters", model.MaxText))
	case name == inventory.AttrType && s.deps.Kinds.Category(value) == "":
		return problem.Field("value", fmt.Sprintf("%q is no device type of the closed list", value))
	case name == inventory.AttrCategory && !slices.Contains(categories, value):
		return problem.Field("value", fmt.Sprintf("%q is no category: use %s", value, strings.Join(categories, ", ")))
	case name == inventory.AttrCriticality && !slices.Contains(criticalities, value):
		return problem.Field("value", fmt.Sprintf("%q is no criticality: use %s", value, strings.Join(criticalities, ", ")))
	}
	return nil
}

// cut fills a split: which endpoint goes, and from which it is kept apart.
func cut(d *inventory.Device, off string, c *state.Correction) error {
	e := identity.Endpoint{Realm: d.Realm}
	if m, err := model.ParseMAC(off); err == nil {
		e.MAC = m
	} else if a, err := model.ParseAddr(off); err == nil {
		e.Addr = a
	} else {
		return problem.Field("off", "is neither an IP address nor a MAC address")
	}
	switch {
	case d.Part != "":
		return problem.Field("off", "equipment behind a gateway has no address that could be split off")
	case e.MAC != 0 && !slices.Contains(d.MACs, e.MAC), e.MAC == 0 && !slices.Contains(d.Addrs, e.Addr):
		return problem.Field("off", off+" is no address of this device")
	case len(d.Endpoints) == 1 && (e.MAC != 0 || len(d.Addrs) == 1 || d.Endpoints[0] == e):
		return problem.Field("off", errNothingLeft.Error())
	}
	c.Subject = correction.Anchor(e)
	for _, o := range d.Endpoints {
		if o != e {
			c.Others = append(c.Others, correction.Anchor(o))
		}
	}
	return nil
}
