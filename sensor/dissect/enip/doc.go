// Package enip reads EtherNet/IP: The CIP Networks Library, volume 2 (EtherNet/IP adaptation),
// chapter 2, and volume 1 (Common Industrial Protocol), appendix A and section 5-2 (identity
// object), as ODVA publishes their outlines.
//
// Input is the two directions of an encapsulation session on TCP, single datagrams, and cyclic I/O
// datagrams (common packet format). What leaves of ListIdentity answers and Get Attributes All of
// the identity object: vendor, device type, product name and code, revision, serial number, and
// counted operations by CIP service and class. Finding: no authentication, once a session was registered.
//
// A dissector keeps whether the last request was for the identity object.
//
// It ignores tag names and values, process data and CIP Security (which is TLS).
//
// Text of the wire leaves as: model enip.identity_object, enip.list_identity.
package enip
