// Package imap reads the Internet Message Access Protocol, version 4 (RFC 9051, RFC 3501), with STARTTLS.
//
// Input is both directions until a login is over. What leaves: the greeting, the product of an ID
// answer (RFC 2971), whether STARTTLS was used, and that a login was in clear.
//
// The dissector keeps the tag of a STARTTLS command.
//
// Messages and mailbox names are not read.
//
// Text of the wire leaves as: banner imap.greeting; software imap.id.
package imap
