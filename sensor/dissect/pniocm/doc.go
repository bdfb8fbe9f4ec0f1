// Package pniocm reads the context manager of PROFINET IO: connectionless DCE/RPC (C706, chapter
// 12.5) with the interfaces of IEC 61158-6-10:2014, section 4.10, and I&M0 records (IEC 61158-6-10, section 5.2.4.50).
//
// Input is one datagram. What leaves: vendor and device number of the device object, and of I&M0
// records order number, serial number, hardware and software revision; operations by call.
//
// It keeps nothing.
//
// It ignores module parameters, and I&M1 to 3 (tags, dates and descriptions that people type).
//
// Text of the wire leaves as: model profinet.im0_order_id; serial profinet.im0_serial.
package pniocm
