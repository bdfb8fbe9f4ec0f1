// Package smb reads SMB 1 ([MS-CIFS], [MS-SMB]) and SMB 2 and 3 ([MS-SMB2], revision 76.0) over
// NetBIOS sessions (RFC 1002, section 4.3) and direct TCP.
//
// Input is both directions. What leaves: dialects, whether signing is required, the server's GUID,
// native operating system and LAN manager, names of computer and domain; NTLM messages and Kerberos
// tickets go to their packages; commands as counted operations; that a session was given to a guest or to nobody.
//
// All but negotiate and session-setup messages are passed over without being buffered.
//
// Names of users, shares and files are not read.
//
// Text of the wire leaves as: capability smb.dialect_offered; domain gssapi.realm, ntlm.domain, ntlm.nb_domain,
// ntlm.target_name, smb.primary_domain; hostname gssapi.service_name, ntlm.nb_computer, ntlm.workstation,
// smb.server_name; os smb.native_os; software smb.native_lanman.
package smb
