// Package arp learns which link address owns which IPv4 address, from the Address Resolution
// Protocol (RFC 826; announcements and probes: RFC 5227).
//
// Input is one ARP packet over Ethernet for IPv4, request or reply. Output is one
// ADDRESS_BINDING of the sender's own pair: value and subject are its address, the subject's MAC
// is its hardware address. These two fields are all that leave.
//
// It keeps no state and allocates only the claim's text.
//
// It ignores the target pair (the asker does not know it yet), probes (sender 0.0.0.0), group
// hardware addresses, RARP, and every other hardware or protocol type.
//
// No text of the wire leaves.
package arp
