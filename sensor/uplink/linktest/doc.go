// Package linktest is what the tests of every link to a hub share: a sensor with its certificate, a
// hub's side of TLS, an outbox, and what a hub may do with batches.
//
// Input is the test that asks; output is values that end with it.
//
// Folders and contexts are the test's own; it starts no goroutine.
//
// It speaks no transport: a hub that does belongs to the tests of its link.
package linktest
