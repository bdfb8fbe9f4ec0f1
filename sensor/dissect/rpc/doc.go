// Package rpc reads ONC remote procedure calls, version 2 (RFC 5531), with the port mapper
// (RFC 1833) and NFS (RFC 1813), over UDP and TCP.
//
// Input is messages of both directions. What leaves: the client's machine name, programs called as
// counted operations, services offered by name.
//
// Nothing is kept.
//
// User and group numbers, file handles, names and contents are not read.
//
// Text of the wire leaves as: hostname rpc.machine_name.
package rpc
