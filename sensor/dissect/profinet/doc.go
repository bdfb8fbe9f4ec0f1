// Package profinet reads PROFINET on the wire of a segment: the Discovery and Configuration
// Protocol (IEC 61158-6-10:2014, section 4.3) and, as recognised only, real-time frames.
//
// Input is one frame of EtherType 8892. What leaves of DCP answers and settings: name of station
// (HOSTNAME), type of station, vendor and device number, role, IP address as binding to the MAC;
// operations that set names or addresses or signal a device.
//
// It keeps no state.
//
// It ignores process data, and alarms.
//
// Text of the wire leaves as: hostname profinet-dcp.name_of_station; model profinet-dcp.type_of_station.
package profinet
