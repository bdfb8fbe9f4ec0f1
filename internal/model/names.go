package model

import (
	"fmt"
	"regexp"
	"strings"
)

type (
	// SiteID names one hospital or clinic.
	SiteID string
	// SensorID names a sensor and is unique over the whole system.
	SensorID string
	// Realm names an address space: an IP address means nothing without it.
	Realm string
	// DomainID is the observation domain (IPFIX information element 149) within one sensor.
	DomainID uint32
)

var idForm = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$`)

// CheckID says what is wrong with a site, sensor or realm name; nil when nothing is.
func CheckID(what, id string) error {
	if !idForm.MatchString(id) {
		return fmt.Errorf("%s %q: want 1 to 32 of a-z, 0-9 and '-', no '-' at either end", what, id)
	}
	return nil
}

// Endpoint is one end of a flow. Port is valid iff the protocol has ports; for ICMP it is the
// type (initiator) and code (responder) as Community ID v1 maps them. MAC is the link address
// seen on that side: the device's own or its router's.
type Endpoint struct {
	Addr Addr
	Port uint16
	MAC  MAC
}

// Subject is what a claim is about: an endpoint, optionally with a part behind it, such as an
// HL7 equipment id, "network:instance" of a BACnet device or a Modbus unit.
type Subject struct {
	Addr Addr
	MAC  MAC
	Part string // "" when the claim is about the endpoint itself; else "scheme:value", e.g. "bacnet:2:1017"
}

// IsZero reports whether s names nothing.
func (s Subject) IsZero() bool { return s.Addr.IsZero() && s.MAC == 0 && s.Part == "" }

// String is for logs and tests.
func (s Subject) String() string {
	return strings.Trim(s.Addr.String()+" "+s.MAC.String()+" "+s.Part, " ")
}
