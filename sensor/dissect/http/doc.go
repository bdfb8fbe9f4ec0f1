// Package http reads HTTP/1.0 and 1.1 (RFC 9110, RFC 9112) and recognises HTTP/2 with prior
// knowledge (RFC 9113, section 3.3).
//
// Input is both directions of the conversation. What leaves: User-Agent, Server and Host, the
// authentication schemes offered, methods as counted operations, the class of account of Basic
// credentials; NTLM tokens go to package ntlm. IPP (RFC 8010) is told by its media type. An
// Axeda agent is told by its path, with its version and whether that is fixed (ICSA-22-067-01).
//
// Bodies, but an Axeda agent's, are passed over without being buffered; the dissector keeps the last
// three header values to tell each only once a conversation.
//
// It does not read other bodies, cookies, titles, realms, query strings or any part of a path.
package http
