// Package dhcpv6 learns who joins an IPv6 network: DHCPv6 (RFC 8415), with client FQDN
// (RFC 4704), client link-layer address (RFC 6939), PXE architecture (RFC 5970) and MUD (RFC 8520).
//
// Input is one datagram, direct or relayed (the innermost message is read). What leaves about
// the client: DUID, FQDN, vendor class, user class, order of requested options and architecture as
// fingerprints, MUD URL, the address a server confirms as binding. About servers: the role DHCPv6
// server and their DUID.
//
// It keeps no state. Relays are unwrapped at most four deep.
//
// It ignores the relay's interface, remote and subscriber ids, authentication, and all else. A
// server's reply repeats the client's DUID: that is not claimed of the server.
//
// Text of the wire leaves as: fingerprint dhcpv6.user_class, dhcpv6.vendor_class; hostname dhcpv6.fqdn; identifier
// dhcpv6.mud_url.
package dhcpv6
