// Package c1222 reads metering over networks: ANSI C12.22-2012, section 5.3.2 (ACSE message structure),
// RFC 6142 (over IP).
//
// Input is the two directions of a connection, or datagrams. What leaves: calling and called AP
// titles of the messages, as identifiers; whether messages are encrypted, and a finding when they are not.
//
// A dissector keeps one flag.
//
// It ignores the services inside: tables hold what people consume.
//
// No text of the wire leaves.
package c1222
