// Package ntlm reads NTLMSSP messages ([MS-NLMP], revision 34.0) that SMB, HTTP, LDAP, RDP and
// others carry.
//
// Input is one message, by Emitter.Inner. What leaves: computer and domain names, the version of
// the operating system as said, whether NTLMv1 was used.
//
// Nothing is kept between messages.
//
// User names, challenges and responses never leave.
//
// Text of the wire leaves as: domain ntlm.dns_domain, ntlm.dns_tree, ntlm.domain, ntlm.nb_domain,
// ntlm.target_name; hostname ntlm.dns_computer, ntlm.nb_computer, ntlm.workstation.
package ntlm
