// Package rtp recognises the Real-time Transport Protocol and its control protocol (RFC 3550).
//
// Input is single datagrams. What leaves: the payload type as a counted operation; of control
// messages the TOOL item of a source description.
//
// The dissector keeps source and sequence number of the last packet of each direction: only a
// packet that continues another is proof.
//
// Media, canonical names and other items, which may name people, are not read.
//
// Text of the wire leaves as: software rtcp.tool.
package rtp
