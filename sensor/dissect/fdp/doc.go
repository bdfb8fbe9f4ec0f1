// Package fdp reads the Foundry Discovery Protocol of Foundry's and Brocade's switches.
//
// Specification: none is public; Foundry "Security Guide", chapter "Foundry Discovery Protocol", names the facts, and the
// layout is that of Wireshark's dissector packet-foundry.c.
//
// Input is one frame with the SNAP header 00e052:2000. What leaves, all about the sending MAC: the device id as host
// name, platform, software version and the port the frame left by.
//
// It keeps no state.
//
// It ignores addresses, capabilities (their bits are not documented) and VLANs. The checksum is not verified.
//
// Text of the wire leaves as: banner fdp.version; hostname fdp.device_id; identifier fdp.port; model fdp.platform.
package fdp
