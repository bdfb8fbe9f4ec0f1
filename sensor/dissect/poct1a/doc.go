// Package poct1a reads the hello message of point-of-care analysers.
//
// Specification: CLSI POCT1-A2, appendix B (device messaging layer), message HEL.R01.
//
// Input is the two directions of a connection. What leaves of HEL.R01: device id, vendor id, model id, serial id,
// manufacturer name, hardware and software version. Findings: cleartext, no authentication.
//
// A dissector keeps at most 8 KiB and is done after the hello.
//
// It ignores the device name (typed by people), and every other message: observations, patients and operators.
package poct1a
