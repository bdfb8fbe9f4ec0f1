// Package ipmi reads RMCP with ASF and IPMI messages (ASF 2.0, section 3.2; IPMI 2.0, section 13.1).
//
// Input is single datagrams. What leaves: that a host answers as a management controller, and
// whether it offers logins without a secret.
//
// Nothing is kept.
//
// User names, keys and payloads are not read.
//
// No text of the wire leaves.
package ipmi
