// Package citrix recognises Citrix ICA and its Common Gateway Protocol by their openings, as public
// analysers (nDPI, Wireshark) describe them.
//
// Input is both directions of a connection. What leaves: the role of the server, and that the client
// is Citrix's.
//
// Nothing is kept.
//
// Contents are not read.
//
// No text of the wire leaves.
package citrix
