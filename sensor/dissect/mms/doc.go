// Package mms reads the Manufacturing Message Specification of IEC 61850 (IEC 61850-8-1; ISO 9506-2)
// over ISO-on-TCP: RFC 1006, ITU-T X.224, X.225 (session), X.226 (presentation), X.227 (association).
//
// Input is the two directions of a connection. What leaves: vendor, model and revision of Identify
// answers (ISO 9506-2, section 8.4), counted operations by service.
//
// A dissector keeps nothing between messages.
//
// It ignores names of domains and variables, and their values.
//
// Text of the wire leaves as: model mms.model_name; vendor mms.vendor_name.
package mms
