// Package ethercat recognises EtherCAT and says who the master of a segment is.
//
// Specification: IEC 61158-4-12, ETG.1000.4, section 5 (EtherCAT frame and datagrams).
//
// Input is one frame of EtherType 88A4. What leaves: the role of master of the station that sends datagrams on their
// way out, and counted reads and writes. Finding: none; the bus has no authentication and is not routed.
//
// It keeps nothing.
//
// Process data, mailbox contents and addresses are not read. Frames on their way back, which bear the master's
// address with the locally administered bit set, say nothing.
//
// No text of the wire leaves.
package ethercat
