// Package synphasor reads synchrophasor data transfer: IEEE C37.118.2-2011, section 6.
//
// Input is the two directions of a connection, or datagrams. What leaves: id code and station name of
// each measurement unit of a configuration frame, operations by kind of frame. Finding: no
// authentication, once data is sent.
//
// A dissector keeps one flag. Each frame read whole is checked by its CRC.
//
// It ignores phasors, channel names and the header frame (text typed by people).
//
// Text of the wire leaves as: hostname synphasor.station_name.
package synphasor
