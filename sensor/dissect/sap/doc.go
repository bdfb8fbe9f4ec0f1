// Package sap reads the Session Announcement Protocol (RFC 2974), by which encoders, microphones and other
// sources of sound and pictures announce what they send, and the session description inside (RFC 8866).
//
// Input is single datagrams. What leaves: that a host announces sessions, and the tool that it says made the
// description.
//
// Nothing is kept.
//
// Names of sessions, persons and addresses for mail, which people type, are not read; nor are encrypted or
// compressed announcements.
//
// Text of the wire leaves as: software sap.tool.
package sap
