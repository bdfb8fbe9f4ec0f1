// Package tftp reads the Trivial File Transfer Protocol (RFC 1350, RFC 2347).
//
// Input is single datagrams. What leaves: reads and writes as counted operations, and that the
// service speaks in clear.
//
// Nothing is kept; transfers go on between ports of their own and are recognised by their first block.
//
// File names and contents are not read.
//
// No text of the wire leaves.
package tftp
