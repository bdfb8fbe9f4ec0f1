// Package openvpn recognises OpenVPN (OpenVPN's "Network protocol" documentation,
// draft-openvpn-wire-protocol) over UDP and TCP, also with tls-auth and tls-crypt.
//
// Input is the resets of both directions that open a session. What leaves: that the flow is an
// encrypted tunnel, the role of its ends, whether the control channel is keyed beforehand.
//
// Nothing is kept.
//
// The TLS handshake inside is not put together.
//
// No text of the wire leaves.
package openvpn
