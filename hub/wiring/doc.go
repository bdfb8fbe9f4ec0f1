// Package wiring builds a hub of its parts: engine and store, NATS, ingest, inventory, API.
//
// Input is a Config; output is a running hub, and for the demonstration the sensor processes
// around it.
//
// Run owns every goroutine of the hub and returns when all have ended: the first fault stops the
// hub, and the supervisor starts it again.
//
// It holds no logic of its own parts; it is the only package that knows all of them.
package wiring
