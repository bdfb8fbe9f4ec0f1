// Package api serves the hub's public API: gRPC, REST and OpenAPI on one TLS listener.
//
// Input is calls with a bearer token; output is answers from the store, the inventory and control
// state, each about exposure with the coverage it rests on. Errors are google.rpc.Status, and name
// the field that is at fault.
//
// A Server is made by New without starting anything; Run serves until its context ends and waits
// for open calls. Handlers run in the goroutines of the HTTP server; one goroutine more renews the
// assessment of exposure, which package answer keeps.
//
// It holds no SQL and concludes nothing: handlers authorise, validate, ask and shape.
package api
