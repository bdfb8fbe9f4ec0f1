// Package receive takes in what sensors publish: it runs the embedded NATS server, or connects
// to an external one, lets in only sensors whose certificate the hub knows, and holds their
// batches in a stream until ingest has stored them.
//
// Input is TLS connections of sensors and the control state that says who is admitted; output is
// the stream EVENTS, and the JetStream connection over which ingest and state work. Embedded and
// external servers use the same accounts (accounts.conf) and the same login handler.
//
// A Receiver owns the server, its folder and the hub's two connections from Start to Close. Serve
// answers logins in the caller's goroutine; the NATS libraries' own goroutines end with Close.
//
// It does not read batches (package ingest) and keeps no list of sensors (package state).
package receive
