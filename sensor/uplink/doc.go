// Package uplink holds sealed batches until the hub has them.
//
// Input is batches as package observe seals them; output is the same batches to a link (package
// natslink), which takes one with Next and gives it up with Ack once the hub's stream holds it
// durably, and loss records about what had to be shed. A Ceiling holds a link under the rate that
// the sensor's configuration allows at a time of day. The queue on disk is package spool.
//
// A Memory owns the batches given to it, up to a ceiling of bytes; its methods may be called by
// any goroutine and none is started here.
//
// It keeps nothing over a restart, and does not connect to anything.
package uplink
