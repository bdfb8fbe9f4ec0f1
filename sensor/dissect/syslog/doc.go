// Package syslog reads syslog over UDP and TCP (RFC 5424, RFC 3164, RFC 5426, RFC 6587).
//
// Input is datagrams or the sender's stream. What leaves: host name and application name of messages in the form of
// RFC 5424, and of RFC 3164 where a process number shows that they are there; and that the service speaks in clear.
//
// The dissector keeps a counter.
//
// Message texts and structured data are not read.
//
// Text of the wire leaves as: hostname syslog.hostname; software syslog.app_name.
package syslog
