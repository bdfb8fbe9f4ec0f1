// Package ntp reads the Network Time Protocol, versions 1 to 4 (RFC 5905).
//
// Input is single datagrams. What leaves: that a host serves time, with its stratum, and the
// version.
//
// Nothing is kept.
//
// Timestamps, references and control messages are not read.
//
// No text of the wire leaves.
package ntp
