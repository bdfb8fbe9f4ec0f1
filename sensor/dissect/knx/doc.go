// Package knx reads KNXnet/IP: ISO 22510 (KNX Standard 03_08_01 to 03_08_04): header, search and
// description answers, tunnelling and routing as kinds of use.
//
// Input is one datagram, or a stream of frames. What leaves of search and description answers: medium,
// individual address, serial number and MAC of the device, its services; of traffic the use
// (tunnelling, routing, configuration). Finding: no authentication, when a tunnel is opened.
//
// A dissector keeps nothing.
//
// It ignores the friendly name and project number (set by people), group addresses and values.
//
// No text of the wire leaves.
package knx
