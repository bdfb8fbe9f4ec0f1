// Package coap reads the Constrained Application Protocol (RFC 7252) over UDP.
//
// Input is single datagrams. What leaves: methods as counted operations, and that the service
// speaks in clear.
//
// Nothing is kept.
//
// Paths, queries and payloads are not read.
//
// No text of the wire leaves.
package coap
