// Package syslog reads syslog over UDP (RFC 5424, RFC 3164, RFC 5426).
//
// Input is single datagrams. What leaves: host name and application name of messages in the form of
// RFC 5424, and that the service speaks in clear.
//
// The dissector keeps a counter.
//
// Message texts and structured data are not read.
package syslog
