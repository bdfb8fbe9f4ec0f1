// Package rlogin reads the opening of BSD's remote login (RFC 1282) and remote execution (rexecd(8)).
//
// Input is both directions until the opening is over. What leaves: that the service runs, in clear
// and, for rlogin, trusting addresses; the class of account of a remote execution's password.
//
// Nothing is kept.
//
// Names of users, terminals and commands, and what is typed, are not read.
//
// No text of the wire leaves.
package rlogin
