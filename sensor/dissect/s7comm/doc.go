// Package s7comm reads Siemens S7 communication over ISO-on-TCP: RFC 1006 (TPKT), ITU-T X.224
// (transport class 0), and the S7 protocol as published by the Wireshark and Snap7 projects, and
// "SIMATIC System Software for S7-300/400, System and Standard Functions", chapter on system status
// lists (SZL 0011 and 001C).
//
// Input is the two directions of a connection. What leaves: order number, module and firmware
// version (SZL 0011), station name, module name, module type and serial number (SZL 001C), S7comm-plus
// order number and version, counted operations. Finding: no authentication for S7comm.
//
// A dissector keeps nothing between messages but one flag.
//
// It ignores data blocks, the plant designation and copyright texts, and S7comm-plus contents other
// than the one string that names the controller.
//
// Text of the wire leaves as: firmware s7comm.plus_version; hostname s7comm.system_name; identifier
// s7comm.module_name; model s7comm.module_type, s7comm.order_number, s7comm.plus_order_number; serial
// s7comm.serial_number; software s7comm.order_number.
package s7comm
