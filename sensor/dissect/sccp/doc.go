// Package sccp reads Cisco's Skinny Client Control Protocol, as public analysers describe it.
//
// Input is messages of both directions. What leaves: the device name of a phone that registers,
// which holds its MAC address, and that the service speaks in clear.
//
// Nothing is kept.
//
// Numbers, names of callers, keys and display texts are not read.
//
// No text of the wire leaves.
package sccp
