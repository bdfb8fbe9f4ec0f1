// Package poct1a reads the hello message of point-of-care analysers.
//
// Specification: CLSI POCT1-A2, appendix B (device messaging layer), message HEL.R01.
//
// Input is the two directions of a connection. What leaves of HEL.R01: device id, vendor id, model id, serial id,
// manufacturer name, hardware and software version. Findings: cleartext, no authentication.
//
// Of a connection that was there before the sensor, a later message of the device tells that it is an analyser, not
// which. Text that is no UTF-8 is taken for Latin-1; UTF-16 is not read.
//
// A dissector keeps at most 8 KiB and is done after the hello.
//
// It ignores the device name (typed by people), and every other message: observations, patients and operators.
//
// Text of the wire leaves as: identifier poct1a.device_id; model poct1a.model_id; serial poct1a.serial_id; vendor
// poct1a.manufacturer_name, poct1a.vendor_id.
package poct1a
