// Package slp reads the Service Location Protocol, version 2 (RFC 2608).
//
// Input is single datagrams, or messages over TCP. What leaves: the types of services that a host
// registers or answers with, and that it is a directory agent.
//
// Nothing is kept.
//
// Addresses, paths and attributes of services are not read.
//
// Text of the wire leaves as: service_offered slp.url.
package slp
