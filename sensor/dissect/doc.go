// Package dissect is the contract between the packet path and the protocols: what a dissector
// is, what it is given, and how it says what it learnt.
//
// Input is the bytes of a conversation (TCP: in order, per direction; UDP: whole datagrams) or a
// single packet of a link-level protocol. Output goes to an Emitter: observations, findings,
// operations and typed detail of the flow.
//
// The Conversation owns the buffers it hands to Feed; a dissector keeps no slice of them after
// it returns. Nothing here or in a dissector starts a goroutine, reads a clock or logs.
//
// It does not reassemble TCP (package track does), and does not deduplicate claims (package
// observe does).
package dissect
