// Package wireguard recognises WireGuard (the protocol paper of 2020, section 5.4).
//
// Input is single datagrams. What leaves: that the flow is an encrypted tunnel.
//
// Nothing is kept.
//
// There is nothing else to read: all but the message types is encrypted or random.
//
// No text of the wire leaves.
package wireguard
