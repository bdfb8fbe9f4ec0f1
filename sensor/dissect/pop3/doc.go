// Package pop3 reads the Post Office Protocol, version 3 (RFC 1939), with STLS (RFC 2595).
//
// Input is both directions until a login is over. What leaves: the greeting without its timestamp,
// whether STLS was used, and that a login was in clear.
//
// The dissector keeps the account name between USER and PASS.
//
// Messages and mailbox names are not read.
//
// Text of the wire leaves as: banner pop3.greeting.
package pop3
