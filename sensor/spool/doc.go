// Package spool keeps event batches on disk until the hub has acknowledged them.
//
// Input is batches as package observe seals them; output is the same batches, read back and
// checked, to a link that takes one with Next and gives it up with Ack, and loss records about
// what had to be shed. Open reports what the last stop cost, when it was not a clean one.
//
// A Queue owns its folder, which no other process may have open; its methods may be called by any
// goroutine. Run, which the caller starts, is its only goroutine. Batches lie in segment files
// (segment.go says how) and only their places in memory: about 100 bytes a batch.
//
// It does not connect to anything, and it never lets a batch go untold: it is acknowledged, on
// disk, or in a loss record that is itself on disk until a batch carries it. What can be told
// about a boot that has ended travels in a closing batch of that boot, made here, because a loss
// names numbers of its own batch's boot only.
package spool
