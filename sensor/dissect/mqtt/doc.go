// Package mqtt reads MQTT 3.1, 3.1.1 and 5 (OASIS MQTT Version 5.0).
//
// Input is both directions. What leaves: the protocol's version, that a login was in clear with its
// class of account, the result of the connection, packet types as counted operations.
//
// Nothing is kept but counters; payloads are passed over without being buffered.
//
// Client identifiers, topics, wills and payloads are not read.
//
// No text of the wire leaves.
package mqtt
