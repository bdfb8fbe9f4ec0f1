// Package stp learns which stations are bridges from spanning tree messages: STP and RSTP
// (IEEE 802.1D-2004, clause 9) and MSTP (IEEE 802.1Q-2018, clause 14).
//
// Input is one LLC frame with both SAPs 42. What leaves: the role switch, the bridge id of the
// sender and the root's id as identifiers of the sending MAC.
//
// It keeps no state.
//
// It ignores costs, timers, port roles and the MST configuration name (typed by people), and
// Cisco's per-VLAN variant, whose SNAP header is another.
//
// No text of the wire leaves.
package stp
