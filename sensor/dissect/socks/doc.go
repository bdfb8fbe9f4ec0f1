// Package socks reads the opening of SOCKS 4, 4a (NEC, "SOCKS: A protocol for TCP proxy across
// firewalls") and 5 (RFC 1928, RFC 1929).
//
// Input is both directions until a request was answered. What leaves: the role proxy, the version, the
// class of account of a login in clear, that the proxy serves without a login, the result of requests.
//
// Nothing is kept but flags.
//
// Names of users and destinations are not read.
//
// No text of the wire leaves.
package socks
