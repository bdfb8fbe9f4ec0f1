// Package tacacs reads TACACS+ (RFC 8907, sections 4 to 7).
//
// Input is both directions. What leaves: who asks (a device that lets people administer it) and who
// answers, kinds of packets as counted operations, that the obfuscation is absent or is MD5's, the
// class of account of a login without it.
//
// Nothing is kept but flags.
//
// Names of users, ports, addresses and commands are not read.
//
// No text of the wire leaves.
package tacacs
