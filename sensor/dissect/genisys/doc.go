// Package genisys reads railway and plant signalling that speaks Genisys over TCP.
//
// Specification: "Genisys Protocol", Union Switch & Signal (Ansaldo) SM 6700, as published with the CISA ICSNPP
// parser icsnpp-genisys: control bytes F1 to FE, server address, escaped data, CRC-16 and the terminator F6.
//
// Input is the two directions of a connection. What leaves: the address of the station as part, and the roles
// master and station. Polls and controls are counted. Finding: no authentication, inherent in the protocol.
//
// A dissector keeps which stations it named, 255 at most.
//
// Indications and controls, which are the data, are not read.
//
// No text of the wire leaves.
package genisys
