// Package ftp reads the control connection of the File Transfer Protocol: RFC 959, with AUTH TLS
// of RFC 4217.
//
// Input is both directions of the conversation; what leaves is the text of the greeting (220), the
// answer to SYST (215), verbs as counted operations, and the fact that a login was in clear with
// its class of account.
//
// The dissector keeps the account name between USER and PASS and nothing else; it allocates a
// string a claim.
//
// It does not read file names, paths, the texts of other replies or the data connection.
//
// Text of the wire leaves as: banner ftp.greeting, ftp.syst.
package ftp
