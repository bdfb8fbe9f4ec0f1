package wire

import "encoding/binary"

// Buf builds a message byte by byte. Methods with LE are little-endian, the others big-endian.
type Buf []byte

// U8 appends bytes.
func (b *Buf) U8(v ...byte) *Buf { *b = append(*b, v...); return b }

// U16 appends 16-bit numbers.
func (b *Buf) U16(v ...uint16) *Buf {
	for _, x := range v {
		*b = binary.BigEndian.AppendUint16(*b, x)
	}
	return b
}

// U32 appends 32-bit numbers.
func (b *Buf) U32(v ...uint32) *Buf {
	for _, x := range v {
		*b = binary.BigEndian.AppendUint32(*b, x)
	}
	return b
}

// U16LE appends 16-bit numbers, least significant byte first.
func (b *Buf) U16LE(v ...uint16) *Buf {
	for _, x := range v {
		*b = binary.LittleEndian.AppendUint16(*b, x)
	}
	return b
}

// U32LE appends 32-bit numbers, least significant byte first.
func (b *Buf) U32LE(v ...uint32) *Buf {
	for _, x := range v {
		*b = binary.LittleEndian.AppendUint32(*b, x)
	}
	return b
}

// U64LE appends 64-bit numbers, least significant byte first.
func (b *Buf) U64LE(v ...uint64) *Buf {
	for _, x := range v {
		*b = binary.LittleEndian.AppendUint64(*b, x)
	}
	return b
}

// Raw appends slices.
func (b *Buf) Raw(v ...[]byte) *Buf {
	for _, x := range v {
		*b = append(*b, x...)
	}
	return b
}

// Str appends text.
func (b *Buf) Str(v ...string) *Buf {
	for _, x := range v {
		*b = append(*b, x...)
	}
	return b
}

// Zero appends n zero bytes.
func (b *Buf) Zero(n int) *Buf { *b = append(*b, make([]byte, n)...); return b }

// Pad appends text, cut or filled to n bytes with fill.
func (b *Buf) Pad(s string, n int, fill byte) *Buf {
	for i := range n {
		if i < len(s) {
			*b = append(*b, s[i])
		} else {
			*b = append(*b, fill)
		}
	}
	return b
}

// UTF16 is s in UTF-16LE. Characters outside ASCII are not used here.
func UTF16(s string) []byte {
	out := make([]byte, 0, 2*len(s))
	for i := range len(s) {
		out = append(out, s[i], 0)
	}
	return out
}

// Join concatenates slices into a new one.
func Join(parts ...[]byte) []byte {
	var b Buf
	return *b.Raw(parts...)
}

// Len16 puts a 16-bit big-endian length in front of the joined parts.
func Len16(parts ...[]byte) []byte {
	body := Join(parts...)
	return Join([]byte{byte(len(body) >> 8), byte(len(body))}, body)
}

// Len8 puts an 8-bit length in front of the joined parts.
func Len8(parts ...[]byte) []byte {
	body := Join(parts...)
	return Join([]byte{byte(len(body))}, body)
}

// BER encodes one element in definite form: tag, length, joined parts (X.690, section 8.1).
func BER(tag byte, parts ...[]byte) []byte {
	body := Join(parts...)
	n := len(body)
	switch {
	case n < 0x80:
		return Join([]byte{tag, byte(n)}, body)
	case n < 0x100:
		return Join([]byte{tag, 0x81, byte(n)}, body)
	default:
		return Join([]byte{tag, 0x82, byte(n >> 8), byte(n)}, body)
	}
}

// BERInt is an INTEGER of tag 2 that is not negative.
func BERInt(v uint32) []byte {
	b := []byte{0, byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)}
	for len(b) > 1 && b[0] == 0 && b[1] < 0x80 {
		b = b[1:]
	}
	return BER(2, b)
}
