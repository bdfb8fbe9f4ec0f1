// Package telnet reads Telnet (RFC 854, RFC 855).
//
// Input is both directions. What leaves: the text that a server shows before it asks for an
// account, at most 512 bytes, and that a login was in clear with its class of account.
//
// The dissector keeps the last line of the server and what the client types at a prompt, both
// bounded; it is done when the login is over.
//
// Sub-negotiations, which may carry the user's environment, are passed over unread.
//
// Text of the wire leaves as: banner telnet.banner.
package telnet
