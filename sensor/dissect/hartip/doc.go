// Package hartip reads HART-IP: HART Communication Foundation HCF_SPEC-085, version 1 (FCG TS20085),
// with the token-passing frame of HCF_SPEC-81 and command 0 of HCF_SPEC-127.
//
// Input is the two directions of a connection, or datagrams. What leaves of answers to command 0:
// expanded device type, unique device id, revisions; operations by kind of command. Finding: no
// authentication, once a session was opened.
//
// A dissector keeps nothing.
//
// It ignores tags, descriptors, messages (typed by people) and process values.
//
// No text of the wire leaves.
package hartip
