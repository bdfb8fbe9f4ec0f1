// Package wire reads bytes off the wire without ever reading past their end.
//
// Input is a byte slice from a packet; output is numbers and sub-slices of it. A Cursor that runs
// short stays short: every later read gives zero and OK is false, so a parser reads a whole
// structure and asks once.
//
// A Cursor owns nothing and allocates nothing; what it returns aliases its input. String keeps the
// strings that were made lately, 16,384 at most, for the whole process.
//
// It knows no protocol. The BER reader is here because SNMP, MMS, C12.22 and Kerberos share it.
package wire
