// Package icmp takes the little that ICMP tells of a device: RFC 792, router discovery (RFC 1256).
//
// Input is one ICMP packet. What leaves: the role router of who sends redirects or router
// advertisements, and the system family by the filling of an echo request as a stack fact.
//
// It keeps no state.
//
// It ignores the packets quoted in errors, and all other types. ICMPv6 other than neighbour
// discovery is recognised by NewV6 without facts.
package icmp
