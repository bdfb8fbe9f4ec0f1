// Package socket is how commands on the hub's machine reach the hub that runs: HTTP over a unix socket
// in its data directory.
//
// Input of Serve is the handlers of a running hub; input of Ask is a data directory and a request.
// Output is the hub's answer, its error with an exit code, or ErrStopped when none runs there.
//
// Serve owns the socket and two goroutines until its context ends; Ask keeps nothing.
//
// It asks for no password: who may open the data directory may do what the hub's user can.
package socket
