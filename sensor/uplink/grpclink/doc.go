// Package grpclink sends batches and reports to the hub over gRPC, for sites whose network lets no
// NATS through.
//
// Input is batches from an Outbox; output is requests on one bidirectional stream. A batch is
// acknowledged to the Outbox only after the hub has answered that its stream holds it durably;
// what was not answered when a stream ends is sent again on the next one, for as long as it takes.
//
// Run owns the connection and starts one goroutine a batch in flight, at most spool.MaxInFlight,
// one that connects and one that reads answers, and waits for all. Batches belong to the Outbox.
//
// It drops nothing, reorders batches in flight at will, and takes nothing from the hub but answers.
package grpclink
