// Package smtp reads the Simple Mail Transfer Protocol (RFC 5321) with AUTH (RFC 4954) and
// STARTTLS (RFC 3207).
//
// Input is both directions until the first message begins. What leaves: the greeting, the name a
// client gives in EHLO, whether STARTTLS was offered and used, and that a login was in clear.
//
// The dissector keeps the account name while a login is under way.
//
// Addresses, subjects and messages are not read.
//
// Text of the wire leaves as: banner smtp.greeting; hostname smtp.ehlo.
package smtp
