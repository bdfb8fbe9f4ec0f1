// Package quic reads the first packets of QUIC version 1 (RFC 9000, RFC 9001), version 2 (RFC 9369)
// and drafts 29 to 34: Initial packets, whose keys anyone on the path can derive.
//
// Input is datagrams of both directions. What leaves: the version; server name, application
// protocols and fingerprints of the TLS hellos inside, by package tls.
//
// The dissector keeps the keys and at most 16 KiB of the hello a direction until both were read.
//
// Nothing behind the Initial packets can be read.
//
// Text of the wire leaves as: flow server_name; hostname tls.sni.
package quic
