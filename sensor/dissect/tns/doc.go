// Package tns reads Oracle's Transparent Network Substrate, as the public dissector of Wireshark and
// "Oracle Net Services Reference", chapters 4 to 6, describe it.
//
// Input is both directions until data flows. What leaves: the name of the client's computer and of its
// program (the file's, without its folder), protocol and product version of the listener, the result
// of the connection, that the session is in clear.
//
// Nothing is kept but flags and a count of packets.
//
// Names of users, services and databases, statements and results are not read.
//
// Text of the wire leaves as: hostname tns.cid_host; software tns.cid_program.
package tns
