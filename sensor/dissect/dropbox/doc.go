// Package dropbox recognises the announcements that Dropbox clients send on a local network.
//
// Input is single datagrams. What leaves: that the client is installed.
//
// Nothing is kept.
//
// Host numbers, display names and folders are not read.
//
// No text of the wire leaves.
package dropbox
