// Package capture is where frames enter: the Frame that every source fills and the Source
// interface that the packet path reads from.
//
// Input is a network interface (package afpacket), capture files (package pcapfile) or generated
// traffic (package hospital); output is one Frame after another, in order of arrival.
//
// A Source belongs to the goroutine that calls Next; Frame.Data belongs to the Source and is
// valid until the next call. Nothing here starts a goroutine or allocates a packet.
//
// It looks into no frame: package decode does. No source ever sends.
package capture
