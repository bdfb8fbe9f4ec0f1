// Package ike reads the Internet Key Exchange, version 1 (RFC 2409, RFC 2408) and 2 (RFC 7296), on its
// own port and behind UDP encapsulation (RFC 3948).
//
// Input is single datagrams. What leaves: the version, vendor ids of known products, the algorithms
// that a responder chose; as weaknesses version 1, aggressive mode, and choices of DES, 3DES, MD5 or
// groups of up to 1,536 bits.
//
// Nothing is kept.
//
// Identities, certificates and keys are not read.
//
// No text of the wire leaves.
package ike
