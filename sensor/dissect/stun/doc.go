// Package stun reads Session Traversal Utilities for NAT (RFC 8489, RFC 5389, RFC 3489) over UDP and TCP.
//
// Input is messages of both directions. What leaves: the SOFTWARE attribute.
//
// Nothing is kept.
//
// Addresses, user names and realms are not read.
//
// Text of the wire leaves as: software stun.software.
package stun
