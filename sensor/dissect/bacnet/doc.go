// Package bacnet reads BACnet/IP.
//
// Specification: ANSI/ASHRAE 135-2020, annex J (virtual link), clause 6 (network layer), clauses 20 and 21
// (application layer encoding), clause 12 (device object).
//
// Input is one datagram, also one forwarded by a broadcast management device. What leaves: of
// I-Am the instance, vendor and segmentation; of I-Have and property answers the object name
// (HOSTNAME for device objects), vendor, model, firmware, application software, location and
// serial number; the roles BACnet router (with the networks behind), BBMD, foreign device, operator;
// counted operations by service and object type. Findings: no authentication, once something
// answered a confirmed request. A device on a routed network is the part
// "bacnet:network:instance", or "bacnet:network@address" where only that is known.
//
// A dissector keeps the kind of the last request of each direction and one flag.
//
// It ignores descriptions, present values, schedules, files and text messages, and BACnet/SC, which
// is TLS. Vendor numbers not in the table leave as numbers.
//
// Text of the wire leaves as: capability bacnet.object_name; firmware bacnet.firmware_revision; hostname
// bacnet.object_name; location bacnet.location; model bacnet.model_name; software
// bacnet.application_software_version; vendor bacnet.vendor_name.
package bacnet
