// Package gateway takes batches and reports in over gRPC, for sites whose network lets no NATS
// through, and puts the batches into the same stream.
//
// Input is calls of sensors over mutual TLS; output is messages of the stream EVENTS, under the
// subject of the sensor that the client certificate names, and one answer a batch. STORED is
// answered only after the stream has confirmed that it holds the batch durably; a full stream is
// told at once. Reports go to the function that answers those which come over NATS.
//
// Run serves in the goroutines of the gRPC library and three of its own a sensor, and waits for
// all. At most MaxBytes of batches are under way into the stream, over all sensors, and one more
// of each sensor; what is beyond stays in the sensors' spools by flow control.
//
// It reads no batch, remembers none, and keeps no list of sensors: who may speak is asked of an
// Admitter at the begin of each call, when it says that somebody lost admission, and every Recheck.
package gateway
