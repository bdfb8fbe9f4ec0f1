// Package dnp3 reads DNP3 (IEEE 1815-2012): the link layer (clause 9), and of transport and
// application layer (clauses 4 and 8) the headers, over TCP and UDP (clause 13).
//
// Input is the two directions of a connection, or datagrams. What leaves: the link address of the
// outstation (the part "dnp3:n") and of the master, device attributes of group 0 (clause 11.3: maker,
// model, hardware and software version, serial number), counted operations by function. Finding: no
// authentication, once an outstation answered.
//
// A dissector keeps two flags. Every header and data block is checked by its CRC.
//
// It ignores points and values, and names of attributes that people type (location, owner, user-assigned name).
//
// Text of the wire leaves as: hardware_revision dnp3.hardware_version; model dnp3.product_name; serial
// dnp3.serial_number; software dnp3.software_version; vendor dnp3.manufacturer.
package dnp3
