// Package bundle makes a sensor's support bundle: what somebody far away needs to see why a sensor
// does not do well.
//
// Input is named texts: the configuration, health, statistics, the end of the log; output is a
// gzip'd tar archive of at most MaxBytes, in which nothing looks like a secret. Texts are cut at
// their beginning until the archive fits.
//
// It holds the end of the log in a ring of fixed size, starts no goroutine, and its methods may be
// called concurrently.
//
// It never sees packets, events or the spool. That no secret is in the texts is the caller's duty
// first: Scrub is the second line.
package bundle
