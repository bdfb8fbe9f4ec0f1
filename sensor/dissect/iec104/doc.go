// Package iec104 reads IEC 60870-5-104:2006, section 5 (APCI), with ASDUs of IEC 60870-5-101, section 7.
//
// Input is the two directions of a connection. What leaves: the common address of each station (the
// part "iec104:n"), counted operations by ASDU type group and cause. Finding: no authentication,
// once data transfer was started and confirmed.
//
// A dissector keeps two flags.
//
// It ignores information objects, their addresses and values.
//
// No text of the wire leaves.
package iec104
