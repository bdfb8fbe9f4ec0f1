// Package dns learns which addresses are name servers, and the names of local addresses: DNS
// (RFC 1034, 1035), dynamic update (RFC 2136), over UDP and over TCP (RFC 7766, two-byte length).
//
// Input is whole messages. What leaves: of answers, the name of each private or link-local address
// (A, AAAA, PTR) as its HOSTNAME; of updates, the name a client registers for such an address; the
// roles DNS server and DNS resolver of who answers; the server's software where it answers
// version.bind; and of questions only matches with a closed list: the connectivity checks of
// operating systems (a stack fact) and the Axeda service domain (a component).
//
// It keeps no state of a conversation; messages
// are read one by one.
//
// What people look up never leaves: no other question, no name of a public address, no TXT, MX or
// SRV data. External peers get their names from TLS and HTTP. Answers are not proof: their claims
// carry the source dns.answer, and the hub gives them little weight.
//
// Text of the wire leaves as: hostname dns.answer, dns.ptr, dns.update; software dns.version_bind.
package dns
