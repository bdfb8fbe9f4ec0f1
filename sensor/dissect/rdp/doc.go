// Package rdp reads the opening of the Remote Desktop Protocol ([MS-RDPBCGR], revision 60.0) over
// TPKT and X.224 (RFC 1006), and recognises its UDP transport ([MS-RDPEUDP]).
//
// Input is both directions until the session's security begins. What leaves: the client's computer
// name and build, the security asked for and chosen, whether the server does without network level
// authentication; TLS goes to package tls.
//
// Nothing is kept but numbers.
//
// The cookie, which names a user, is not read.
//
// Text of the wire leaves as: certificate tls.cert_issuer, tls.cert_subject; flow server_name; hostname
// rdp.client_name, tls.sni; service_offered tls.sni.
package rdp
