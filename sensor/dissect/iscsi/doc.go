// Package iscsi reads the login phase of iSCSI (RFC 7143, sections 11.12, 11.13 and 13).
//
// Input is both directions until the login is over. What leaves: the iSCSI names of initiator and
// target, the way they authenticate, the result of the login, that data is in clear.
//
// Nothing is kept but flags.
//
// Aliases, CHAP names and responses, and data, are not read.
//
// Text of the wire leaves as: identifier iscsi.initiator_name, iscsi.target_name.
package iscsi
