// Package afpacket captures from network interfaces through AF_PACKET rings (TPACKET_V3), and
// says whether an interface could transmit, which a capture interface must not.
//
// Input is interface names; output is frames that alias the ring, with the VLAN tag that the
// network card took off beside them rather than put back by copying. The frames of several
// interfaces of one domain, as the two ports of a TAP, come merged by time.
//
// Open gives one Source a worker; each belongs to the goroutine that calls Next, and its Stats may
// be called from any. 0 allocations a packet, tagged or not (TestTaggedAllocs). The ring is
// walked here and not by gopacket's afpacket because that library allocates for each tagged
// packet, to hand the tag over in an interface value.
//
// It never sends: sockets are opened to receive only, and internal/archtest forbids the calls.
package afpacket
