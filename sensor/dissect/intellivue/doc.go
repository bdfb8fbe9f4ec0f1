// Package intellivue reads patient monitors that speak Philips' data export protocol: who the monitor is
// and who collects its data.
//
// Specification: Philips IntelliVue Data Export Interface Programming Guide, 4535 642 59271, sections "Device
// Discovery Messages" (connect indication, UDP 24005), "Definition of the Association Control Protocol"
// (session headers), "Protocol Commands" (MDS create event, poll) and "Attribute Data Types and Constants Used".
//
// Input is one datagram. What leaves of the connect indication and of the MDS create event: System Type as role,
// System Id, System Model (manufacturer and model number), of the Production Specification the serial number,
// hardware and software revision of the product, the Bed Label as location, the IP Address Information and the
// ports of Protocol Support. Associations and polls are counted by the class of object that is asked for.
// Findings: cleartext, and an association without authentication, both inherent in the protocol.
//
// It keeps nothing between datagrams but what it reported.
//
// Results of polls are never looked into: numerics, waves, alarms and the patient's demographics stay unread,
// and of every attribute list only the attributes named above are read. The software that listens is not named.
//
// Text of the wire leaves as: firmware intellivue.software_revision; hardware_revision
// intellivue.hardware_revision; location intellivue.bed_label; model intellivue.model_number; serial
// intellivue.serial_number; vendor intellivue.manufacturer.
package intellivue
