package pcapfile

import (
	"fmt"
	"math/bits"

	"github.com/wardscope/wardscope/sensor/capture"
)

// pcapng block types (draft-ietf-opsawg-pcapng, section 11.1).
const (
	blockSection   = 0x0a0d0d0a
	blockInterface = 1
	blockPacket    = 2 // obsolete
	blockSimple    = 3
	blockEnhanced  = 6
)

const (
	maxBlock      = 16 << 20 // bytes: libpcap's sanity limit for a block
	maxInterfaces = 1 << 16  // a section; more is an attack
)

// ifaceInfo is what an interface description says.
type ifaceInfo struct {
	link    capture.LinkType
	snaplen uint32
	units   uint64 // clock units a second
	offset  int64  // seconds to add
}

// time converts a pcapng timestamp to Unix nanoseconds.
func (i *ifaceInfo) time(ts uint64) int64 {
	switch i.units {
	case 1e6:
		return int64(ts)*1000 + i.offset*1e9
	case 1e9:
		return int64(ts) + i.offset*1e9
	}
	sec, rest := ts/i.units, ts%i.units
	hi, lo := bits.Mul64(rest, 1e9)
	nano, _ := bits.Div64(hi, lo, i.units) // hi < units because rest < units and 1e9 < 2^64
	return (int64(sec)+i.offset)*1e9 + int64(nano)
}

// nextNG reads blocks until one holds a frame.
func nextNG(r *Reader, f *capture.Frame) error {
	for {
		r.section = r.buf.offset
		head := r.buf.peek(12)
		if len(head) < 12 {
			return r.cut(len(head) == 0)
		}
		if r.u32Section(head) {
			if err := r.beginSection(head); err != nil {
				return err
			}
		}
		kind, n := r.u32(head), r.u32(head[4:])
		if n < 12 || n%4 != 0 || n > maxBlock {
			return r.damaged(fmt.Sprintf("a block of %d bytes", n))
		}
		if kind != blockEnhanced && kind != blockPacket && kind != blockSimple && kind != blockInterface {
			if !r.buf.discard(int64(n)) {
				return r.cut(false)
			}
			continue
		}
		block := r.buf.peek(int(n))
		if len(block) < int(n) {
			return r.cut(false)
		}
		r.buf.skip(int(n))
		if r.u32(block[n-4:]) != n {
			return r.damaged("a block whose two lengths differ")
		}
		found, err := r.block(kind, block[8:n-4], f)
		if found || err != nil {
			return err
		}
	}
}

// u32Section reports a section header: its type reads the same in both byte orders.
func (r *Reader) u32Section(head []byte) bool {
	return head[0] == 0x0a && head[1] == 0x0d && head[2] == 0x0d && head[3] == 0x0a
}

func (r *Reader) beginSection(head []byte) error {
	switch {
	case head[8] == 0x4d && head[9] == 0x3c && head[10] == 0x2b && head[11] == 0x1a:
		r.big = false
	case head[8] == 0x1a && head[9] == 0x2b && head[10] == 0x3c && head[11] == 0x4d:
		r.big = true
	default:
		if r.section == 0 {
			return &NotCaptureError{File: r.name, Why: "its pcapng byte order mark is wrong"}
		}
		return r.damaged("a section without byte order mark")
	}
	r.base += len(r.ifaces)
	r.ifaces = r.ifaces[:0]
	return nil
}

func (r *Reader) block(kind uint32, body []byte, f *capture.Frame) (found bool, err error) {
	switch kind {
	case blockInterface:
		return false, r.describe(body)
	case blockEnhanced:
		if len(body) < 20 {
			return false, r.damaged("a packet block that is too short")
		}
		return true, r.packet(f, int(r.u32(body)), r.stamp(body[4:]), r.u32(body[12:]), r.u32(body[16:]), body[20:])
	case blockPacket:
		if len(body) < 20 {
			return false, r.damaged("a packet block that is too short")
		}
		return true, r.packet(f, int(r.u16(body)), r.stamp(body[4:]), r.u32(body[12:]), r.u32(body[16:]), body[20:])
	default: // blockSimple
		if len(body) < 4 || len(r.ifaces) == 0 {
			return false, r.damaged("a simple packet block without length or interface")
		}
		wire := r.u32(body)
		n := min(wire, uint32(len(body)-4))
		if snap := r.ifaces[0].snaplen; snap != 0 {
			n = min(n, snap)
		}
		return true, r.packet(f, 0, 0, n, wire, body[4:])
	}
}

func (r *Reader) stamp(b []byte) uint64 { return uint64(r.u32(b))<<32 | uint64(r.u32(b[4:])) }

func (r *Reader) packet(f *capture.Frame, iface int, ts uint64, n, wire uint32, data []byte) error {
	if iface >= len(r.ifaces) {
		return r.damaged(fmt.Sprintf("a packet of interface %d, which is not described", iface))
	}
	if int64(n) > int64(len(data)) || n > maxRecord {
		return r.damaged(fmt.Sprintf("a packet of %d bytes in a block of %d", n, len(data)))
	}
	info := &r.ifaces[iface]
	if !info.link.Supported() {
		return &LinkTypeError{File: r.name, Type: info.link}
	}
	f.Data = data[:n:n]
	f.Time = info.time(ts)
	f.WireLen = int(max(wire&0x7fffffff, n))
	f.LinkType, f.Domain, f.Interface, f.Tagged = info.link, r.domain, r.base+iface, false
	return nil
}

// describe reads an interface description block (section 4.2).
func (r *Reader) describe(body []byte) error {
	if len(body) < 8 {
		return r.damaged("an interface description that is too short")
	}
	if len(r.ifaces) >= maxInterfaces {
		return r.damaged("more interfaces than a section can have")
	}
	info := ifaceInfo{link: capture.LinkType(r.u16(body)), snaplen: r.u32(body[4:]), units: 1e6}
	for opts := body[8:]; len(opts) >= 4; {
		code, n := r.u16(opts), int(r.u16(opts[2:]))
		opts = opts[4:]
		if n > len(opts) || code == 0 {
			break
		}
		switch {
		case code == 9 && n == 1: // if_tsresol
			info.units = resolution(opts[0])
		case code == 14 && n == 8: // if_tsoffset
			info.offset = r.i64(opts)
		}
		opts = opts[min((n+3)&^3, len(opts)):]
	}
	r.ifaces = append(r.ifaces, info)
	return nil
}

func (r *Reader) i64(b []byte) int64 {
	first, second := uint64(r.u32(b)), uint64(r.u32(b[4:]))
	if r.big {
		return int64(first<<32 | second)
	}
	return int64(second<<32 | first)
}

// resolution is the number of clock units a second that if_tsresol names; out-of-range values mean the default.
func resolution(v byte) uint64 {
	if v&0x80 != 0 {
		if v&0x7f > 63 {
			return 1e6
		}
		return 1 << (v & 0x7f)
	}
	if v > 19 {
		return 1e6
	}
	units := uint64(1)
	for range v {
		units *= 10
	}
	return units
}
