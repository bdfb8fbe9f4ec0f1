// Package cdp reads the Cisco Discovery Protocol, versions 1 and 2, as Cisco's "Configuring Cisco
// Discovery Protocol" and "CDP frame format" pages document its TLVs.
//
// Input is one frame with the SNAP header 00000c:2000. What leaves, all about the sending MAC:
// device id, system name, port id, platform, software version, capabilities as roles, addresses
// (each also as a binding to the MAC), VTP domain, native VLAN.
//
// It keeps no state.
//
// It ignores the physical location (typed by people), power, trust and cluster TLVs. The
// checksum is not verified: a capture cut short cannot keep it.
//
// Text of the wire leaves as: banner cdp.software; domain cdp.vtp_domain; hostname cdp.device_id, cdp.system_name;
// identifier cdp.port_id; model cdp.platform.
package cdp
