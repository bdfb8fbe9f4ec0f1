// Package coap reads the Constrained Application Protocol (RFC 7252) over UDP, and over TCP (RFC 8323).
//
// Input is single datagrams, or both directions of a connection. What leaves: methods as counted operations, that the
// service speaks in clear, and of the answer to a discovery (RFC 6690) the resource types that a standard names.
//
// Nothing is kept.
//
// Paths, queries and payloads are not read.
//
// Text of the wire leaves as: capability coap.resource_type.
package coap
