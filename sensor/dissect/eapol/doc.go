// Package eapol sees who takes part in port-based access control: EAP over LAN (IEEE 802.1X-2020,
// clause 11) with EAP (RFC 3748, section 4).
//
// Input is one EAPOL frame. What leaves: the role supplicant or authenticator, and the EAP
// method as a capability, from the IANA registry of method types.
//
// It keeps no state.
//
// It ignores identities (they are people's names or their computers'), notifications, method
// data and key frames' contents.
//
// No text of the wire leaves.
package eapol
