// Package poct1a reads point-of-care analysers that speak CLSI POCT1-A2, appendix B (device messaging layer): the hello message.
//
// Input is the two directions of a connection. What leaves of HEL.R01: device id, vendor id, model id, serial id,
// manufacturer name, hardware and software version. Findings: cleartext, no authentication.
//
// A dissector keeps at most 8 KiB and is done after the hello.
//
// It ignores the device name (typed by people), and every other message: observations, patients and operators.
package poct1a
