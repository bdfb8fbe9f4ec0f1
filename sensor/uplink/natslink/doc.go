// Package natslink sends batches to the hub over NATS JetStream: TLS directly, or WebSocket,
// both also through an HTTP CONNECT proxy.
//
// Input is batches from an Outbox; output is publishes under the sensor's own subject. A batch is
// acknowledged to the Outbox only after the hub's stream has confirmed that it holds it durably;
// until then it is sent again, under the same message id, for as long as it takes.
//
// Run owns the connection and starts one goroutine a batch in flight, at most
// uplink.MaxInFlight, and waits for all. Batches belong to the Outbox.
//
// It drops nothing, reorders batches in flight at will, and reads nothing from the hub but answers
// to its own publishes.
package natslink
