package model

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/netip"
)

// Addr is an IP address as two big-endian halves; IPv4 is held mapped into IPv6
// (RFC 4291, section 2.5.5.2), so that a flow key has one size and no pointer.
// The zero Addr means "no address"; the unspecified addresses 0.0.0.0 and :: are
// told apart only by the mapping.
type Addr struct{ Hi, Lo uint64 }

const mappedPrefix = 0x0000ffff00000000 // ::ffff:0:0/96, low half

// AddrFrom4 makes an Addr of four bytes in network order.
func AddrFrom4(b []byte) Addr {
	_ = b[3]
	return Addr{Lo: mappedPrefix | uint64(binary.BigEndian.Uint32(b))}
}

// AddrFrom16 makes an Addr of sixteen bytes in network order.
func AddrFrom16(b []byte) Addr {
	_ = b[15]
	return Addr{Hi: binary.BigEndian.Uint64(b), Lo: binary.BigEndian.Uint64(b[8:])}
}

// AddrFromNetip converts from the standard library's form; an invalid address gives the zero Addr.
func AddrFromNetip(a netip.Addr) Addr {
	if !a.IsValid() {
		return Addr{}
	}
	b := a.As16()
	if a.Is4() {
		return AddrFrom4(b[12:])
	}
	return AddrFrom16(b[:])
}

// ParseAddr reads an address in its text form.
func ParseAddr(s string) (Addr, error) {
	a, err := netip.ParseAddr(s)
	if err != nil {
		return Addr{}, fmt.Errorf("parse address %q: %w", s, err)
	}
	return AddrFromNetip(a.WithZone("")), nil
}

// Is4 reports whether a is an IPv4 address.
func (a Addr) Is4() bool { return a.Hi == 0 && a.Lo>>32 == 0xffff }

// IsZero reports whether a is no address at all.
func (a Addr) IsZero() bool { return a == Addr{} }

// IsUnspecified reports whether a is 0.0.0.0, :: or no address.
func (a Addr) IsUnspecified() bool { return a.IsZero() || a.Hi == 0 && a.Lo == mappedPrefix }

// IsMulticast reports whether a is 224.0.0.0/4, 255.255.255.255 or ff00::/8.
func (a Addr) IsMulticast() bool {
	if a.Is4() {
		v := uint32(a.Lo)
		return v>>28 == 0xe || v == 0xffffffff
	}
	return a.Hi>>56 == 0xff
}

// IsLinkLocal reports whether a is in 169.254.0.0/16 or fe80::/10.
func (a Addr) IsLinkLocal() bool {
	if a.Is4() {
		return uint32(a.Lo)>>16 == 0xa9fe
	}
	return a.Hi>>54 == 0xfe80>>6
}

// Less orders addresses numerically.
func (a Addr) Less(b Addr) bool { return a.Hi < b.Hi || a.Hi == b.Hi && a.Lo < b.Lo }

// As16 returns the sixteen bytes in network order, IPv4 mapped.
func (a Addr) As16() (b [16]byte) {
	binary.BigEndian.PutUint64(b[:8], a.Hi)
	binary.BigEndian.PutUint64(b[8:], a.Lo)
	return b
}

// Netip converts to the standard library's form, IPv4 unmapped; the zero Addr gives an invalid one.
func (a Addr) Netip() netip.Addr {
	if a.IsZero() {
		return netip.Addr{}
	}
	return netip.AddrFrom16(a.As16()).Unmap()
}

// String is the text form of RFC 5952, or "" for the zero Addr.
func (a Addr) String() string {
	if a.IsZero() {
		return ""
	}
	return a.Netip().String()
}

// MAC is an EUI-48 in the low 48 bits; zero means none.
type MAC uint64

// MACFrom makes a MAC of six bytes.
func MACFrom(b []byte) MAC {
	_ = b[5]
	return MAC(b[0])<<40 | MAC(b[1])<<32 | MAC(b[2])<<24 | MAC(b[3])<<16 | MAC(b[4])<<8 | MAC(b[5])
}

// ParseMAC reads six hexadecimal bytes separated by ':' or '-', or none of them.
func ParseMAC(s string) (MAC, error) {
	var raw [6]byte
	clean := make([]byte, 0, 12)
	for i := range len(s) {
		if s[i] != ':' && s[i] != '-' && s[i] != '.' {
			clean = append(clean, s[i])
		}
	}
	if len(clean) != 12 {
		return 0, fmt.Errorf("parse MAC %q: want 12 hexadecimal digits", s)
	}
	if _, err := hex.Decode(raw[:], clean); err != nil {
		return 0, fmt.Errorf("parse MAC %q: %w", s, err)
	}
	return MACFrom(raw[:]), nil
}

// IsGroup reports the group (multicast) bit of IEEE 802, clause 8.2.
func (m MAC) IsGroup() bool { return m>>40&1 != 0 }

// IsLocal reports the locally administered bit of IEEE 802, clause 8.2.
func (m MAC) IsLocal() bool { return m>>40&2 != 0 }

// IsVirtualRouter reports addresses that belong to a redundancy protocol and to no device:
// VRRP (RFC 5798, section 7.3), HSRP 1 and 2, GLBP, CARP.
func (m MAC) IsVirtualRouter() bool {
	switch {
	case m>>8 == 0x00005e0001, m>>8 == 0x00005e0002, m>>8 == 0x00000c07ac, m>>12 == 0x00000c9ff, m>>16 == 0x0007b400:
		return true
	}
	return false
}

// String is the colon-separated lower-case form, or "" for none.
func (m MAC) String() string {
	if m == 0 {
		return ""
	}
	const digits = "0123456789abcdef"
	var b [17]byte
	for i := range 6 {
		v := byte(m >> (40 - 8*i))
		b[3*i], b[3*i+1] = digits[v>>4], digits[v&15]
		if i < 5 {
			b[3*i+2] = ':'
		}
	}
	return string(b[:])
}
