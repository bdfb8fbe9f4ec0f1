// Package nbns learns computer and domain names from the NetBIOS name service (RFC 1002, section
// 4.2; name encoding: RFC 1001, section 14.1; suffixes: Microsoft, MS-NBTE and KB163409).
//
// Input is one datagram. What leaves: of registrations, refreshes, positive answers and node
// status answers, unique names as HOSTNAME, group names as DOMAIN, and by their suffix the roles
// file server, domain controller and master browser; of node status the adapter's MAC.
//
// It keeps no state.
//
// It ignores what is asked for (people mistype there), and every name with suffix 03, which is a
// logged-on person as often as a computer.
//
// Text of the wire leaves as: domain nbns.name; hostname nbns.name.
package nbns
