// Package ndp learns which link address owns which IPv6 address, and which stations are routers:
// Neighbor Discovery (RFC 4861, sections 4.1 to 4.5), with DNS options (RFC 8106).
//
// Input is one ICMPv6 packet of type 133 to 137. What leaves: the sender's binding by its
// source link-layer address option, a target's by the target option of an advertisement, the role
// router of who advertises itself, the role DNS server of addresses advertised as such.
//
// It keeps no state.
//
// It ignores prefixes and timers, and every packet whose hop limit is not 255 (they came from
// another link and cannot be true).
package ndp
