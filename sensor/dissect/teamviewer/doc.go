// Package teamviewer recognises TeamViewer's own protocol by its framing, as public analysers (nDPI)
// describe it; there is no specification.
//
// Input is both directions of a connection. What leaves: that a remote-access client runs, and which
// end it is.
//
// Nothing is kept.
//
// Contents are not read.
//
// No text of the wire leaves.
package teamviewer
