// Package rtsp reads the Real Time Streaming Protocol 1.0 (RFC 2326) and 2.0 (RFC 7826).
//
// Input is both directions. What leaves: Server and User-Agent, authentication schemes asked for,
// methods as counted operations, and that a login was in clear.
//
// Interleaved media is passed over without being buffered.
//
// URLs, session names and descriptions are not read.
//
// Text of the wire leaves as: software rtsp.server, rtsp.user_agent.
package rtsp
