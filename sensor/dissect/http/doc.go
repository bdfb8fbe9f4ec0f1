// Package http reads HTTP/1.0 and 1.1 (RFC 9110, RFC 9112) and recognises HTTP/2 with prior
// knowledge (RFC 9113, section 3.3).
//
// Input is both directions of the conversation. What leaves: User-Agent, Server and Host, the
// authentication schemes offered, methods as counted operations, the class of account of Basic
// credentials; NTLM tokens go to package ntlm. IPP (RFC 8010) is told by its media type. An
// Axeda agent is told by its path, with its version and whether that is fixed (ICSA-22-067-01). FHIR,
// DICOMweb and HL7 over HTTP are told by media type, with resource types or levels and the base path when it
// is made of well-known words. Of bodies: software and version of a FHIR CapabilityStatement, of Orthanc and
// of Elasticsearch; maker, model, serial, UDN of a UPnP description, and of DPWS metadata, where a
// sharing computer's name and group are too. BACnet/SC (ASHRAE 135-2020, annex AB.7.1) without TLS is
// told by its WebSocket subprotocol, with the roles of both ends.
//
// Bodies, but these and an Axeda agent's, are passed over without being buffered; the dissector keeps the last
// three header values to tell each only once a conversation.
//
// It does not read other bodies, cookies, titles, query strings, or of realms and paths more than said above.
package http
