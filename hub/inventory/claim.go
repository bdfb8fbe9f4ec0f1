package inventory

import (
	"github.com/wardscope/wardscope/hub/inventory/correction"
	"github.com/wardscope/wardscope/internal/model"
)

// Claim is everything of equal content that the sensors of a site said.
type Claim struct {
	Site        model.SiteID
	Realm       model.Realm // address space of the subject; empty means the site's own
	Sensors     []model.SensorID
	VLANs       []uint16 // outermost tags, 0 untagged
	Subject     model.Subject
	Kind        model.Kind
	Value       string
	Source      string // protocol and field
	First, Last int64  // Unix nanoseconds
	Count       uint64
}

// Sighting says that frames with a link address carried packets sent from an address.
type Sighting struct {
	Site        model.SiteID
	Realm       model.Realm
	VLAN        uint16
	Addr        model.Addr
	MAC         model.MAC // 0 when the link has none
	First, Last int64
	Packets     uint64 // sent from the address; 0 means it was only spoken to, which proves nothing
}

// Usage is a service that an address offers to others or uses of others, as flows show it.
type Usage struct {
	Site        model.SiteID
	Realm       model.Realm
	Addr        model.Addr
	Offers      bool // the address answered as the server
	Service     string
	Peers       uint64
	First, Last int64
	Count       uint64 // conversations
}

// Class is whose an address is.
type Class uint8

// The classes.
const (
	Own Class = iota
	Partner
	External
)

var classNames = [...]string{"own", "partner", "external"}

// String is the lower-case name.
func (c Class) String() string {
	if int(c) < len(classNames) {
		return classNames[c]
	}
	return "external"
}

// Whereabouts is what tells where in a site a device is.
type Whereabouts struct {
	Addrs []model.Addr
	VLANs []uint16
	Ports []string // switch ports and access points, as RADIUS and DHCP tell them, newest first
}

// Place is a part of a site.
type Place struct {
	Department string
	Building   string
	// What decided each, as Whereabouts has it: an address, a VLAN, a port; valid iff it is set.
	DepartmentBy, BuildingBy string
}

// Places knows what was declared about sites and networks.
type Places interface {
	// Class tells whose an address is.
	Class(a model.Addr) Class
	// SiteOf is the site that declared the address in the realm; "" when none did.
	SiteOf(r model.Realm, a model.Addr) model.SiteID
	// Place is the department and building that were declared for where a device is.
	Place(s model.SiteID, at Whereabouts) Place
}

// Input is all that Resolve looks at.
type Input struct {
	Claims    []Claim
	Sightings []Sighting
	Usages    []Usage
	Places    Places
	// Vendor names the maker that a link address was assigned to.
	Vendor func(model.MAC) (string, bool)
	// Now is the day support dates are held against, Unix nanoseconds.
	Now int64
	// Decisions are what people decided about devices; nil when nothing was.
	Decisions *correction.Set
}

func realmOf(r model.Realm, s model.SiteID) model.Realm {
	if r == "" {
		return model.Realm(s)
	}
	return r
}
