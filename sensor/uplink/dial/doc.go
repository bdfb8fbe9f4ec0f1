// Package dial finds the way to the hub for every link: directly, or through an HTTP CONNECT proxy
// of the configuration or the environment, and says what is wrong on the way.
//
// Input is an address, a proxy and certificates; output is a connection, or, for a look at the
// way, a Fault that names what is wrong and what to do. TLS to the hub runs inside the proxy's
// tunnel, so the proxy sees no more than the hub's name and port.
//
// Connections belong to the caller; no goroutine is started here. The proxy's user and password
// go to the proxy only: no error and no log holds them.
//
// It speaks neither NATS nor gRPC.
package dial
