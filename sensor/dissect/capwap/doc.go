// Package capwap reads the control channel between access points and their controller (CAPWAP,
// RFC 5415) before its encryption, and passes the hellos of DTLS to package tls.
//
// Input is single datagrams. What leaves: roles, the controller's name, an access point's board data
// (vendor, model, serial number) and versions.
//
// Nothing is kept but a counter.
//
// Locations typed by people and the data channel are not read.
//
// Text of the wire leaves as: firmware capwap.software_version; hostname capwap.ac_name; model capwap.board_model;
// serial capwap.board_serial.
package capwap
