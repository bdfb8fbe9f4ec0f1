// Package service is the one table of service names: what each means, which ports it usually
// has, whether an eavesdropper can read it, and whether it is mere infrastructure.
//
// Input is a name, or a transport and port; output is a row of the table.
//
// The table is constant data; it is safe for concurrent use and starts nothing.
//
// It does not identify traffic: dissectors do that by content, and a port is never proof.
package service

import "strings"

// Role groups services by what they are to a hospital.
type Role uint8

// The roles.
const (
	RoleUnset      Role = iota
	RoleMedical         // carries clinical data or drives clinical devices
	RoleBuilding        // building automation
	RoleControl         // industrial control
	RoleIT              // applications and administration
	RoleRemote          // remote access to a screen, shell or device
	RoleInfra           // DNS, DHCP, ARP, NTP, discovery: informational
	RoleIoT             // consumer and sensor networks
	RoleManagement      // monitoring and management of devices
)

// Service is a row of the table.
type Service struct {
	Name  string   // lower case, IANA's or the analysers' usual one
	Title string   // for people
	Role  Role     //
	TCP   []uint16 // usual ports
	UDP   []uint16
	Clear bool // content is readable on the wire
	Login bool // may carry a credential
}

// ByName returns the row of a service name.
func ByName(name string) (Service, bool) {
	i, ok := byName[name]
	if !ok {
		return Service{}, false
	}
	return table[i], true
}

// ByPort returns the service that usually has a port. Protocol is IANA's number: 6 TCP, 17 UDP.
func ByPort(protocol uint8, port uint16) (Service, bool) {
	i, ok := byPort[key{protocol, port}]
	if !ok {
		return Service{}, false
	}
	return table[i], true
}

// All lists the table in its order.
func All() []Service { return table }

// IsPort reports whether a port is a usual service port, for guessing who opened a conversation.
func IsPort(protocol uint8, port uint16) bool {
	switch protocol {
	case 6:
		return usual[0][port>>6]&(1<<(port&63)) != 0
	case 17:
		return usual[1][port>>6]&(1<<(port&63)) != 0
	}
	return false
}

type key struct {
	protocol uint8
	port     uint16
}

var (
	byName, byPort = index()
	usual          = ports()
)

// ports is byPort as two sets, TCP and UDP: every new flow asks twice.
func ports() (sets [2][1 << 10]uint64) {
	for k := range byPort {
		set := 0
		if k.protocol == 17 {
			set = 1
		}
		sets[set][k.port>>6] |= 1 << (k.port & 63)
	}
	return sets
}

func index() (map[string]int, map[key]int) {
	names, ports := make(map[string]int, len(table)), make(map[key]int, 2*len(table))
	for i, s := range table {
		names[s.Name] = i
		for _, p := range s.TCP {
			if _, taken := ports[key{6, p}]; !taken {
				ports[key{6, p}] = i
			}
		}
		for _, p := range s.UDP {
			if _, taken := ports[key{17, p}]; !taken {
				ports[key{17, p}] = i
			}
		}
	}
	return names, ports
}

// String names a role.
func (r Role) String() string {
	return strings.Fields("unset medical building control it remote infrastructure iot management")[r]
}
