// Package ssh reads the opening of the Secure Shell protocol: identification strings and key
// exchange (RFC 4253, RFC 4419, RFC 5656, RFC 8731), and recognises SSH 1.
//
// Input is both directions until encryption begins. What leaves: the identification strings, the
// hassh of both sides, the digest of the server's host key, and the weak algorithms that both
// agree on.
//
// The dissector keeps the algorithm lists of both sides as strings until they are compared.
//
// It reads nothing of users or sessions: those are encrypted.
//
// Text of the wire leaves as: banner ssh.banner; fingerprint ssh.host_key; software ssh.software.
package ssh
