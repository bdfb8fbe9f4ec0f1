// Package tplink reads TP-Link's smart home protocol (Kasa), as softScheck's published analysis of the HS110
// (2016) describes it: JSON under a running exclusive-or, over UDP whole, over TCP behind a length.
//
// Input is one datagram, or the two directions of a connection. What leaves of get_sysinfo answers: model, hardware
// and software version, MAC, device id; operations. Finding: no authentication, once a device answered.
//
// A dissector keeps one flag. Messages over 8 KiB are not read.
//
// It ignores the alias (typed by people), position, schedules and energy values.
//
// Text of the wire leaves as: firmware tplink-smarthome.sw_ver; identifier tplink-smarthome.device_id; model
// tplink-smarthome.model.
package tplink
