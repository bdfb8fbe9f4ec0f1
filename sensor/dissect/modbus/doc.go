// Package modbus reads Modbus over TCP and UDP, and who a Schneider controller says it is in function 90.
//
// Specification: MODBUS Messaging on TCP/IP Implementation Guide V1.0b, section 3.1.3 (MBAP), and MODBUS Application
// Protocol V1.1b3, section 6 (functions).
//
// Input is the two directions of a connection. What leaves: unit ids (the part "modbus:n" behind
// the server), counted operations (read, write, … by kind of register, with result), and of device
// identification (43/14) and Report Server ID (17) vendor, product, model and revision; of the answer to UMAS's
// "read id" (function 90) the controller's reference and firmware version. The layout of UMAS is not published
// by its maker: it is that of public research, held against a capture of a Quantum controller. Finding:
// no authentication, once the server answered.
//
// A dissector keeps eight open transactions.
//
// It ignores register addresses and values, the user application name (typed by people), and all else that
// Schneider's function 90 (UMAS) carries, project names among it.
//
// Text of the wire leaves as: firmware modbus.revision; model modbus.model_name, modbus.product_code,
// modbus.product_name, modbus.server_id, umas.read_id; vendor modbus.vendor_name.
package modbus
