// Package lontalk recognises LonTalk over IP: ANSI/CTA-852 (EN 14908-4), the CNIP header.
//
// Input is one datagram. What leaves: the role of a LonTalk/IP node, and operations by packet type.
//
// It keeps nothing.
//
// It ignores the LonTalk packet inside: addresses and network variables.
//
// No text of the wire leaves.
package lontalk
