// Package melsec reads Mitsubishi controllers that speak SLMP, the MC protocol with 3E and 4E frames in binary code.
//
// Specification: CC-Link Partner Association BAP-C2006ENG-001, "SLMP (Seamless Message Protocol) Specifications"; Mitsubishi
// Electric SH(NA)-080008, "MELSEC Communication Protocol Reference Manual", sections 4 and "Read type name" (0101).
//
// Input is the two directions of a connection, or datagrams. What leaves: of the answer to "read type name" the model;
// requests are counted by kind with their result; the role of the controller. Findings: no authentication, and that a
// controller is started, stopped or reset remotely is counted as such.
//
// A dissector keeps the last request.
//
// Device numbers, values and remote passwords are not read; frames in ASCII code are not recognised.
//
// Text of the wire leaves as: model melsec.type_name.
package melsec
