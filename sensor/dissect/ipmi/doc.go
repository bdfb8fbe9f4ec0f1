// Package ipmi reads RMCP with ASF and IPMI messages (ASF 2.0, section 3.2; IPMI 2.0, section 13.1).
//
// Input is single datagrams. What leaves: that a host answers as a management controller, and
// whether it offers logins without a secret; of an answer to Get Device ID that is not encrypted (section
// 20.1) the maker, the product's number, the revision of its firmware and the version of IPMI;
// of a session's opening (13.21) the GUID of the system.
//
// Nothing is kept.
//
// User names, keys and payloads are not read.
//
// No text of the wire leaves.
package ipmi
