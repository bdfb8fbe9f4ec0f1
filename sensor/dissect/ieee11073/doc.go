// Package ieee11073 reads personal health devices: scales, meters and oximeters that speak the optimised
// exchange protocol over TCP or UDP, as gateways of home and ward equipment forward it.
//
// Specification: IEEE 11073-20601-2019, clauses 7.3 (message types), 8.7 and 8.8 (association, MDS attributes),
// annex A (data structures) and annex F (encoding rules); codes of ISO/IEEE 11073-10101.
//
// Input is the two directions of a connection, or datagrams of one message each. What leaves: of the association
// request and response the System-Id and whether its sender is agent or manager; of the answer to a read of
// the MDS object (handle 0) System-Id, System-Model (manufacturer, model), System-Type-Spec-List as role,
// and of the Production-Specification serial number, part number, hardware, software and firmware
// revision. Associations are counted with their result. Findings: cleartext, no authentication.
//
// A dissector keeps the invoke id of the one read of the MDS object that is under way in each direction.
//
// Event reports, scans and configurations are skipped by their length: no measurement and no person id is read.
//
// Text of the wire leaves as: firmware ieee11073.firmware_revision, ieee11073.software_revision; model
// ieee11073.model_number; serial ieee11073.serial_number; vendor ieee11073.manufacturer.
package ieee11073
