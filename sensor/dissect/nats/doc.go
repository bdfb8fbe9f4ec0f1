// Package nats reads the opening of the NATS client protocol (docs.nats.io, "Client Protocol").
//
// Input is both directions until the login is over. What leaves: the server's version and the Go
// release it was built with, whether it asks for a login and for TLS, the client's library with its
// version, the class of account of a login in clear, that a client is served without one.
//
// Nothing is kept but flags; the JSON of INFO and CONNECT is parsed by the standard library, at most
// 16 KiB.
//
// Names of clients, servers and subjects, and payloads, are not read.
//
// Text of the wire leaves as: capability nats.go; software nats.lang, nats.version.
package nats
