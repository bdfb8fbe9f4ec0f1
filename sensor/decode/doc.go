// Package decode turns frames into Packet views: link, network and transport headers read,
// encapsulations taken off, fragments put together.
//
// Input is a captured frame with its link type; output is a Packet filled in place.
//
// Decoder owns the fragment buffers and nothing else; a Packet aliases the frame's bytes. There
// are no goroutines, no locks, and no allocation a packet: TestDecodeAllocs.
//
// It keeps no state of conversations (package track does) and reads nothing above the
// transport header.
package decode
