// Package dnsmsg reads the message that DNS, multicast DNS and LLMNR share: RFC 1035, section 4;
// SRV of RFC 2782; cache-flush and unicast bits of RFC 6762, section 18.
//
// Input is one whole message; output is a Message with the records whose types carry identity
// (A, AAAA, PTR, SRV, TXT) read and the others by owner, type and length.
//
// A Message is a value; its names are fresh strings, its data aliases the input. At most
// MaxRecords records are read of a message.
//
// It decides nothing about what may leave the sensor: the three protocols do.
package dnsmsg
