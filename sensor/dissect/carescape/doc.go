// Package carescape reads the time synchronisation of GE's CARESCAPE (Unity) monitoring network, by which a
// central station says where it stands.
//
// Specification: none is public. The layout (64 bytes; address at 7 to 10, unit and room at 25 to 37, seconds
// since 1900 at 61 to 64) is that of the Vocera CARESCAPE Adapter 1.3.0 guide, "Understanding GE Carescape
// Networks", not confirmed by a capture; it is why everything here has to agree before it is believed.
//
// Input is one datagram. What leaves: the vendor, the role of time master, and its unit and room as location.
// Where in the room a patient lies is not in this message. A dissector keeps nothing.
//
// The discovery and alarm messages of the same network (UDP 7000, 7001) have no public layout, and carry
// names of patients: they are not claimed and not read.
//
// Text of the wire leaves as: location carescape.location.
package carescape
