// Package radius reads RADIUS (RFC 2865, RFC 2866, RFC 5176, RFC 3580).
//
// Input is single datagrams of both directions. What leaves: address, name and port of the network
// access server, called and calling station – which port, access point and network a device is on –
// and results as counted operations.
//
// Nothing is kept.
//
// User names, passwords, EAP messages and reply texts are not read.
//
// Text of the wire leaves as: hostname radius.nas_identifier; location radius.nas_port.
package radius
