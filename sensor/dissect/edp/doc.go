// Package edp reads the Extreme Discovery Protocol of Extreme Networks' switches.
//
// Specification: none is public; the layout is that of Wireshark's dissector packet-extreme.c (EDP header, display and
// info elements), which others interoperate with.
//
// Input is one frame with the SNAP header 00e02b:00bb. What leaves, all about the sending MAC: the switch's
// name, its own MAC, its software version, the port the frame left by, the maker and the role.
//
// It keeps no state.
//
// It ignores VLAN names (typed by people), ring and redundancy elements. The checksum is not verified.
//
// Text of the wire leaves as: hostname edp.display.
package edp
