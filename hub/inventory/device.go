package inventory

import (
	"github.com/wardscope/wardscope/hub/inventory/identity"
	"github.com/wardscope/wardscope/hub/inventory/weigh"
	"github.com/wardscope/wardscope/internal/model"
)

// Names of attributes, as API and filters spell them.
const (
	AttrHostname = weigh.Hostname
	AttrDomain   = weigh.Domain
	AttrVendor   = "vendor"
	AttrModel    = weigh.Model
	AttrOS       = weigh.OS
	AttrFirmware = "firmware"
	AttrSoftware = "software"
	AttrSerial   = weigh.Serial
	AttrHardware = "hardware"
	AttrRole     = "role"
	AttrLocation = "location"
	AttrType     = weigh.Type
	AttrCategory = weigh.Category
)

// Names of attributes that people and registers set.
const (
	AttrDepartment  = "department"
	AttrBuilding    = "building"
	AttrOwner       = "owner"
	AttrCriticality = "criticality"
	AttrLabels      = "labels" // joined by LabelSeparator, ascending
	AttrAssetTag    = "asset-tag"
	AttrRegister    = "register" // how registers know the device; ToReview when none does
)

// Names of attributes that say what hangs on a device: "yes" or "no".
const (
	AttrEPHI         = "handles-ephi"
	AttrLifeCritical = "life-critical"
	AttrPatchable    = "owner-patchable" // its owner may install patches
)

// ToReview is AttrRegister of a device that no register knows although one covers its site.
const ToReview = "to review"

// LabelSeparator parts the labels of AttrLabels.
const LabelSeparator = ", "

// Support is whether a maker still mends an operating system.
type Support uint8

// The support states.
const (
	SupportUnknown  Support = iota
	SupportCurrent          // mended for everybody
	SupportExtended         // mended for those who pay extra
	SupportEnded            // legacy
)

var supportNames = [...]string{"unknown", "supported", "extended", "ended"}

// String is the lower-case name that filters use.
func (s Support) String() string {
	if int(s) < len(supportNames) {
		return supportNames[s]
	}
	return "unknown"
}

// Evidence leads back to what was observed.
type Evidence = weigh.Evidence

// Attribute is one conclusion about a device, with its grounds.
type Attribute = weigh.Attribute

// Device is what the claims add up to. Strings that are unknown are empty.
type Device struct {
	ID           string
	Site         model.SiteID
	Realm        model.Realm
	Addrs        []model.Addr // newest first
	MACs         []model.MAC  // ascending
	Part         string       // "scheme:value" of equipment behind a gateway; it has no address of its own
	Behind       string       // id of the gateway; valid iff Part is set
	BehindRouter bool         // known by address within the realm alone
	Router       bool         // forwards packets of other addresses
	VLANs        []uint16     // of its own segment, ascending
	Department   string
	First, Last  int64
	Name         string
	Hostname     string
	Vendor       string
	Model        string
	OS           string
	Type         string
	Category     string
	Support      Support
	SupportUntil string // ISO date
	Services     []string
	Attributes   []Attribute // by name
	Reasons      []string    // why these endpoints are one device
	// Endpoints are what the device is known by, the one that gives it its id first.
	Endpoints []identity.Endpoint
}

// Attribute returns the named conclusion, nil when there is none.
func (d *Device) Attribute(name string) *Attribute {
	for i := range d.Attributes {
		if d.Attributes[i].Name == name {
			return &d.Attributes[i]
		}
	}
	return nil
}

func (d *Device) value(name string) string {
	if a := d.Attribute(name); a != nil {
		return a.Value
	}
	return ""
}

// Binding says that a device had an address for a while.
type Binding struct {
	Device      string // id
	Realm       model.Realm
	Site        model.SiteID
	Addr        model.Addr // zero for a link address alone
	MAC         model.MAC  // zero behind a router
	First, Last int64
}
