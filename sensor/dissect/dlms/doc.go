// Package dlms reads DLMS/COSEM metering (IEC 62056-53, -46 and -47): HDLC frames with their check
// sequence and the TCP/UDP wrapper, and of association requests and responses the way they
// authenticate.
//
// Input is the two directions of a connection, or datagrams. What leaves: the manufacturer's code and
// the number of a meter's system title, security level, kinds of services as counted operations, the
// class of a low-level password.
//
// Nothing is kept.
//
// Readings and other attributes are not read.
//
// Text of the wire leaves as: identifier dlms.system_title; vendor dlms.system_title.
package dlms
