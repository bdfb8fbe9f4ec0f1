// Package ssdp learns what devices announce by the Simple Service Discovery Protocol (UPnP Device
// Architecture 2.0, section 1).
//
// Input is one datagram: NOTIFY, M-SEARCH or the answer to it. What leaves about the sender: the
// SERVER header (or USER-AGENT of a searcher) as SOFTWARE, the device and service types it offers
// (NT, ST), its UUID, the host and port of its description.
//
// It keeps no state.
//
// It ignores what is searched for, friendly names, the path of the description, and every header
// not named here.
//
// Text of the wire leaves as: identifier ssdp.usn; service_offered ssdp.location, ssdp.target; software
// ssdp.server, ssdp.user_agent.
package ssdp
