// Package vnc reads the Remote Framebuffer protocol (RFC 6143).
//
// Input is both directions until the session is open. What leaves: protocol versions, the security
// types offered and chosen, the desktop's name where it has the form of a host's.
//
// The dissector keeps a few numbers.
//
// Challenges, responses, screens, keys and clipboard are not read.
//
// Text of the wire leaves as: banner vnc.client_version, vnc.desktop, vnc.server_version; flow version; hostname
// vnc.desktop.
package vnc
