// Package snmp reads the Simple Network Management Protocol: version 1 (RFC 1157), 2c (RFC 1901,
// 3416) and the outside of version 3 (RFC 3412, 3414), with objects of RFC 3418 (system group),
// RFC 6933 (entity) and RFC 3805 (printer).
//
// Input is one datagram. What leaves of answers and traps: sysDescr,
// sysObjectID, sysName, sysLocation, entity description, hardware, firmware and software
// revision, serial number, maker, model; printer and UPS identity; descriptions of the agent's own MIB modules (sysORDescr);
// the engine id of version 3 and its enterprise; counted operations. Findings: the class
// of the community (published default, else readable), versions without protection, version 3
// messages without authentication.
//
// A dissector keeps nothing; the community is compared and forgotten.
//
// It ignores sysContact (a person), user names of version 3, and every other object.
//
// Text of the wire leaves as: banner snmp.sysDescr; capability snmp.sysORDescr; firmware
// snmp.entPhysicalFirmwareRev, snmp.upsIdentUPSSoftwareVersion; hardware_revision snmp.entPhysicalHardwareRev;
// hostname snmp.sysName; location snmp.sysLocation; model snmp.entPhysicalDescr, snmp.entPhysicalModelName,
// snmp.hrDeviceDescr, snmp.upsIdentModel; serial snmp.entPhysicalSerialNum, snmp.prtGeneralSerialNumber; software
// snmp.entPhysicalSoftwareRev; vendor snmp.entPhysicalMfgName, snmp.upsIdentManufacturer.
package snmp
