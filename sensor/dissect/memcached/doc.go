// Package memcached reads the memcached text and binary protocols (memcached, doc/protocol.txt; wiki,
// BinaryProtocolRevamped), over TCP and, with its frame header, UDP.
//
// Input is both directions. What leaves: the server's version, kinds of commands as counted
// operations, that commands are answered without a login.
//
// Values are passed over without being buffered. Nothing is kept but flags.
//
// Keys and values are not read.
//
// Text of the wire leaves as: software memcached.version.
package memcached
