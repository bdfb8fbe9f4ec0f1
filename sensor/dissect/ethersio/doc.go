// Package ethersio recognises Saia PCD's Ether-S-I/O by its magic number; the format has no
// public specification (public dissectors: Wireshark's esio).
//
// Input is one datagram. What leaves: the role of the sender.
//
// It keeps nothing.
//
// It ignores everything behind the magic number and version.
//
// No text of the wire leaves.
package ethersio
