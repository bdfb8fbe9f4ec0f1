// Package llmnr learns the names of hosts that answer for themselves: Link-Local Multicast Name
// Resolution (RFC 4795).
//
// Input is one datagram of port 5355. What leaves: of responses, the name and the responder's
// addresses (A, AAAA) and its answers to reverse look-ups, as HOSTNAME.
//
// It keeps no state.
//
// It ignores questions: they are what people mistype, and names that do not exist.
//
// Text of the wire leaves as: hostname llmnr.answer.
package llmnr
