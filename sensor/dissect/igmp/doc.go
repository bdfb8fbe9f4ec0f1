// Package igmp learns which multicast groups a device joins, and who asks for them: IGMP versions
// 1 to 3 (RFC 1112, appendix I; RFC 2236, section 2; RFC 3376, section 4).
//
// Input is one IGMP packet. What leaves: each group joined, as a capability (groups name protocols:
// service discovery, precision time, cameras), the role multicast querier, and the version spoken
// by reports.
//
// It keeps no state. At most 16 groups of a report are read.
//
// It ignores leaves, source lists, DVMRP and PIM, and the groups 224.0.0.0/24, which say nothing
// that the protocols themselves do not say better.
//
// No text of the wire leaves.
package igmp
