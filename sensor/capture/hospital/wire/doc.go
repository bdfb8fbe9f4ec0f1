// Package wire turns scripted conversations into Ethernet frames: TCP with handshake, sequence
// numbers, acknowledgements and teardown, UDP, and bare link-layer frames, all with right
// checksums and with the header habits of the operating system that is played.
//
// Input is a Script (who says what after which pause) and two Sides (addresses, next hops, TTLs
// as one vantage sees them); output is one frame after another with its virtual time.
//
// A Session owns its script and state and writes each frame into the caller's buffer. There are
// no goroutines, no clock and no global state; the same seed gives the same bytes.
//
// It knows no application protocol: packages clinical, office and plant write the scripts.
package wire
