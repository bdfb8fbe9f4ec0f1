// Package ads reads Beckhoff's Automation Device Specification: Beckhoff Information System, "ADS/AMS
// specification": AMS/TCP header, AMS header, ADS commands.
//
// Input is the two directions of a connection. What leaves: AMS net ids of both ends, device name and
// version (ReadDeviceInfo), counted operations. Finding: no authentication, once a command was answered.
//
// A dissector keeps one flag.
//
// It ignores indices, data and notifications' contents.
//
// Text of the wire leaves as: model ads.device_name.
package ads
