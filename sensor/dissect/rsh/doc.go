// Package rsh recognises the remote shell of BSD (rshd(8), port 514).
//
// Input is both directions. What leaves: that the service runs, in clear and trusting addresses.
//
// Nothing is kept.
//
// Account names and commands are not read.
//
// No text of the wire leaves.
package rsh
