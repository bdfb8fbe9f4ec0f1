// Package dcerpc reads DCE/RPC (The Open Group C706; [MS-RPCE]) over TCP, version 5, and over UDP,
// version 4.
//
// Input is both directions until an interface is bound. What leaves: the names of the interfaces
// that are offered; NTLM messages go to package ntlm.
//
// Nothing is kept but counters.
//
// Arguments and results of calls are not read.
//
// No text of the wire leaves.
package dcerpc
