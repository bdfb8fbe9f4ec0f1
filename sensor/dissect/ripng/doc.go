// Package ripng reads RIPng (RFC 2080).
//
// Input is single datagrams. What leaves: that a host announces routes.
//
// Nothing is kept.
//
// The routes are not read.
//
// No text of the wire leaves.
package ripng
