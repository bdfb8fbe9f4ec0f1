// Package sbus recognises Saia PCD's Ether-S-Bus: the telegram frame as Saia-Burgess manual 26/739
// outlines it and as the public Wireshark dissector reads it.
//
// Input is one datagram. What leaves: the role of the answering controller, and operations by
// telegram kind. Finding: no authentication, once a request was answered.
//
// A dissector keeps one flag. Every telegram is checked by its CRC.
//
// It ignores commands and data.
//
// No text of the wire leaves.
package sbus
