// Package lpd reads the line printer daemon protocol (RFC 1179).
//
// Input is both directions. What leaves: the name of the computer that sends a job (of the data file's
// name), kinds of commands as counted operations, that the service speaks in clear.
//
// Jobs are passed over without being buffered.
//
// Names of queues, users and jobs, and jobs, are not read.
//
// No text of the wire leaves.
package lpd
