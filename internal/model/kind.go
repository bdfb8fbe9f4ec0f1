package model

// Kind is what an observation claims. Kinds are semantic, never per protocol. The numbers are
// those of wardscope.event.v1.ObservationKind and only grow at the end.
type Kind uint8

// The observation kinds.
const (
	KindUnset Kind = iota
	KindHostname
	KindDomain
	KindVendor
	KindModel
	KindHardwareRevision
	KindFirmware
	KindSoftware
	KindOS
	KindSerial
	KindIdentifier
	KindRole
	KindLocation
	KindFingerprint
	KindBanner
	KindAddressBinding
	KindServiceOffered
	KindCertificate
	KindCapability
	KindStack
)

var kindNames = [...]string{"unset", "hostname", "domain", "vendor", "model", "hardware_revision", "firmware", "software", "os", "serial",
	"identifier", "role", "location", "fingerprint", "banner", "address_binding", "service_offered", "certificate", "capability", "stack"}

// String is the lower-case name that tables and filters use.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "unset"
}

// FindingType is the type of a weakness or exposure. The numbers are those of
// wardscope.event.v1.FindingType: sensor types from 1, hub types from 32.
type FindingType uint8

// The finding types of the sensor.
const (
	FindingUnset FindingType = iota
	FindingCleartextProtocol
	FindingObsoleteProtocol
	FindingWeakCrypto
	FindingCleartextCredential
	FindingDefaultCredential
	FindingWeakCredential
	FindingAnonymousAccess
	FindingNoAuthentication
	FindingKnownVulnerableComponent
)

// The finding types of the hub.
const (
	FindingExternalCommunication FindingType = iota + 32
	FindingInternetInbound
	FindingExposedMedicalService
	FindingMedicalDataInClear
	FindingRemoteAccess
	FindingUnexpectedPeer
	FindingUnexpectedService
	FindingScan
	FindingLateralMovement
	FindingLegacyOS
	FindingKnownVulnerability
	FindingSharedKey
	FindingPolicyViolation
	FindingCoverageGap
	FindingNewDevice
	FindingDeviceChanged
)

var findingNames = map[FindingType]string{
	FindingCleartextProtocol: "cleartext_protocol", FindingObsoleteProtocol: "obsolete_protocol", FindingWeakCrypto: "weak_crypto",
	FindingCleartextCredential: "cleartext_credential", FindingDefaultCredential: "default_credential", FindingWeakCredential: "weak_credential",
	FindingAnonymousAccess: "anonymous_access", FindingNoAuthentication: "no_authentication",
	FindingKnownVulnerableComponent: "known_vulnerable_component",
	FindingExternalCommunication:    "external_communication", FindingInternetInbound: "internet_inbound",
	FindingExposedMedicalService: "exposed_medical_service", FindingMedicalDataInClear: "medical_data_in_clear",
	FindingRemoteAccess: "remote_access", FindingUnexpectedPeer: "unexpected_peer", FindingUnexpectedService: "unexpected_service",
	FindingScan: "scan", FindingLateralMovement: "lateral_movement", FindingLegacyOS: "legacy_os",
	FindingKnownVulnerability: "known_vulnerability", FindingSharedKey: "shared_key", FindingPolicyViolation: "policy_violation",
	FindingCoverageGap: "coverage_gap", FindingNewDevice: "new_device", FindingDeviceChanged: "device_changed",
}

// String is the lower-case name that tables and filters use.
func (t FindingType) String() string {
	if n, ok := findingNames[t]; ok {
		return n
	}
	return "unset"
}

// FindingTypes lists every type with its name, for filters and tests.
func FindingTypes() map[FindingType]string { return findingNames }
