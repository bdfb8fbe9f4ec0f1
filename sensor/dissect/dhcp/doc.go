// Package dhcp learns who joins a network, under which name and with what kind of stack: DHCP for
// IPv4 (RFC 2131, 2132) with client FQDN (RFC 4702), relay information (RFC 3046), vendor-identifying
// classes (RFC 3925), PXE architecture (RFC 4578), client identifiers (RFC 4361) and MUD (RFC 8520).
//
// Input is one datagram. What leaves about the client (MAC chaddr, with its address once it has
// one): host name (12), FQDN (81), order of requested parameters (55), vendor class (60, 124), user
// class (77), architecture (93) as fingerprints, client identifier (61) where it is more than the
// MAC, MUD URL (161), the relay's circuit id (82.1) as location, domain given (15), address given
// as binding. About servers: roles DHCP server, and router and DNS server of the addresses given.
//
// It keeps no state.
//
// It ignores the relay's remote and subscriber ids, boot files, and all other options.
//
// Text of the wire leaves as: domain dhcp.option15; fingerprint dhcp.option124, dhcp.option60, dhcp.option77;
// hostname dhcp.ack_option12, dhcp.option12, dhcp.option81; identifier dhcp.option161; location dhcp.option82.
package dhcp
