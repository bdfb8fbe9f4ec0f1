// Package bsap recognises Bristol controllers (Emerson ControlWave, Bristol Babcock) that speak BSAP over UDP.
//
// Specification: Emerson D4073A, "BSAP over IP", as published with the CISA ICSNPP parser icsnpp-bsap: header id 000E,
// number of messages, function (5 answer, 6 request, 1 login and the like), sequence numbers, messages with lengths.
//
// Input is one datagram. What leaves: the roles of who asks and who answers; requests are counted. Finding: no
// authentication, once a controller answered.
//
// It keeps only what it reported.
//
// Names of signals, which people type, and their values are not read.
//
// No text of the wire leaves.
package bsap
