// Package browser learns what Windows computers announce of themselves on their segment: NetBIOS
// datagrams (RFC 1002, section 4.4) that carry browser frames (MS-BRWS, section 2.2) in an SMB
// mailslot transaction (MS-MAIL, section 2.2.1).
//
// Input is one datagram. What leaves: the sender's NetBIOS name as HOSTNAME, the group it speaks
// to as DOMAIN, and of announcements and elections the server name, the OS version and the
// server type bits as roles.
//
// It keeps no state.
//
// It ignores the comment (typed by people), names with suffix 03, and NETLOGON mailslots, which
// carry user names.
//
// Text of the wire leaves as: domain browser.domain_announcement; hostname browser.server.
package browser
