// Package lldp reads what switches, phones and controllers say of themselves to their neighbour:
// the Link Layer Discovery Protocol (IEEE 802.1AB-2016, clauses 8 and 9), LLDP-MED (ANSI/TIA-1057,
// section 10.2), PROFINET's TLVs (IEC 61158-6-10) and the MUD URL (RFC 8520, section 11).
//
// Input is one LLDP frame. What leaves, all about the sending MAC: chassis id, port id, system
// name, system description, enabled capabilities as roles, management addresses, hardware,
// firmware and software revision, serial number, manufacturer and model (MED), chassis MAC
// (PROFINET), MUD URL. A management address is also a binding of that address to the MAC.
//
// It keeps no state; a frame is read once, TLV by TLV.
//
// It ignores the port description, the MED asset id and location (typed by people), and all
// other organisational TLVs.
//
// Text of the wire leaves as: banner lldp.system_description; firmware lldp.med_firmware; hostname
// lldp.system_name; identifier lldp.chassis_id, lldp.mud_url, lldp.port_id; model lldp.med_model; serial
// lldp.med_serial; software lldp.med_software; vendor lldp.med_manufacturer.
package lldp
