// Package http reads HTTP/1.0 and 1.1 (RFC 9110, RFC 9112) and, in clear, HTTP/2 (RFC 9113): with prior
// knowledge (section 3.3) and after an upgrade (RFC 7540, section 3.2).
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
// Header blocks of HTTP/2 are read by golang.org/x/net's hpack within bounds, and tell what heads of HTTP/1 tell;
// its bodies are not read. A direction of which something was lost is given up: its header table would be
// another than its sender's, and a wrong entry of it a false claim.
//
// It does not read other bodies, cookies, titles, query strings, or of realms and paths more than said above.
//
// Text of the wire leaves as: capability fhir.version, hl7.MSH-9; domain ws-discovery.computer; firmware
// ipp.printer_firmware; flow server_name; hostname http.host, ws-discovery.computer; identifier hl7.MSH-3,
// hl7.MSH-4, hl7.MSH-5, hl7.MSH-6, http.orthanc_ae, ipp.printer_uuid, upnp.udn; model ipp.printer_make_and_model,
// upnp.model_name, ws-discovery.model_name; operation hl7; serial ipp.printer_device_id, upnp.serial_number,
// ws-discovery.serial_number; service_offered http.host, upnp.device_type; software axeda.agent,
// elasticsearch.version, fhir.software, http.server, http.signature, http.user_agent; vendor
// ipp.printer_device_id, upnp.manufacturer, ws-discovery.manufacturer.
package http
