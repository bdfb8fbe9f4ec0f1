// Package hsrp sees redundant routers: the Hot Standby Router Protocol, version 1 (RFC 2281) and
// the version 2 that Cisco documents for IOS.
//
// Input is one datagram of port 1985. What leaves: the role router of the sender, the virtual
// address it stands for, and findings for authentication by a readable string: the published
// default of RFC 2281, section 5.1, or another.
//
// It keeps no state and no string.
//
// It ignores priorities and timers; MD5-authenticated groups give no finding.
//
// No text of the wire leaves.
package hsrp
