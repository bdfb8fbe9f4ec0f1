// Package astm reads analysers that speak ASTM over TCP or a serial server, in frames or in bare records.
//
// Specification: ASTM E1381-02 (CLSI LIS01-A2, sections 5 and 6: frames), ASTM E1394-97 (CLSI LIS02-A2, section 6: the
// header record). Records without frames are no part of them, but common: they have to name the standard.
//
// Input is the two directions of a connection. What leaves: H-5 (sender: instrument and what its components hold) and
// H-13 (version) of header records, counted messages. Findings: cleartext, no authentication. Which component of H-5
// holds model, version or serial number differs by maker: the field leaves as one identifier (unconfirmed beyond that).
//
// A dissector keeps a frame of at most 1 KiB, checked by its sum; a longer one, which may hold a whole message, tells
// its header unchecked if that names the standard. Two frames in sequence of a connection that was there before the
// sensor are enough to know it by. Text that is no UTF-8 is taken for Latin-1.
//
// It ignores every other record: patients, orders, results, comments, and the rest of the header.
//
// Text of the wire leaves as: flow version; identifier astm.H-5.
package astm
