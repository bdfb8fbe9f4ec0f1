// Package valve pauses what the sources of a sensor let through.
//
// Input is a capture source; output is the same source, which passes frames on only while the valve
// is open. Live frames that come while it is shut are taken and forgotten; a file waits.
//
// One Valve may sit on many sources, each used by one goroutine; it may be set by any. Frames stay
// their source's.
//
// It starts no goroutine, and does not count what it forgets: that was asked for. Of live frames it
// counts those to broadcast and multicast addresses.
package valve
