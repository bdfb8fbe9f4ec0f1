// Package fox reads the hello of Tridium's Niagara Fox protocol. There is no public
// specification; the form is that of the "fox a 1 -1 fox hello" exchange that Tridium's own documents on
// firewalls name and that public scanners (Redpoint fox-info.nse, Censys) describe.
//
// Input is the two directions of a connection up to the hello. What leaves: host name, host id, application
// name and version, operating system and version, virtual machine, brand, station name (HOSTNAME
// like a computer's). Finding: cleartext.
//
// A dissector keeps nothing; it is done after both hellos.
//
// It ignores everything behind the hello, and of it the address, time zone, language and agents.
//
// Text of the wire leaves as: hostname fox.host_name, fox.station_name; identifier fox.host_id; os fox.os;
// software fox.app, fox.vm; vendor fox.brand_id.
package fox
