// Package sip reads the Session Initiation Protocol (RFC 3261) over UDP and TCP.
//
// Input is messages of both directions. What leaves: User-Agent and Server, methods as counted
// operations, authentication schemes asked for.
//
// The dissector keeps the last product of each side, to tell it once.
//
// From, To, Contact, URIs and session descriptions are not read.
//
// Text of the wire leaves as: software sip.server, sip.user_agent.
package sip
