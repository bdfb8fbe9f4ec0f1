// Package wsdiscovery reads WS-Discovery, as medical devices (MDPWS), ONVIF cameras and printers speak it.
//
// Specification: OASIS WS-Discovery 1.1, sections 4 to 6; the 2005/04 draft that ONVIF and Windows use; ISO/IEEE 11073-20702
// and 11073-20701, clause 9 (types and scopes of medical devices).
//
// Input is one datagram. What leaves of Hello, ProbeMatches and ResolveMatches: the endpoint's UUID, its types
// (medical device, camera, printer and computer as roles), host and port of its addresses, ONVIF's hardware scope as model,
// and of SDC's scopes (ISO/IEEE 11073-20701, clause 9) the component type as role, the location context and that it takes part.
//
// It keeps nothing. The envelope is searched for elements by name, not parsed as XML: no entities, no depth.
//
// It ignores names and locations among other scopes (typed by people), the contexts of patients, operators and workflows, and what is searched for.
//
// Text of the wire leaves as: identifier ws-discovery.endpoint; location ws-discovery.sdc_location; model
// ws-discovery.onvif_hardware; service_offered ws-discovery.types, ws-discovery.xaddrs.
package wsdiscovery
