// Package ntlm reads NTLMSSP messages ([MS-NLMP], revision 34.0) that SMB, HTTP, LDAP, RDP and
// others carry.
//
// Input is one message, by Emitter.Inner. What leaves: computer and domain names, the version of
// the operating system as said, whether NTLMv1 was used.
//
// Nothing is kept between messages.
//
// User names, challenges and responses never leave.
package ntlm
