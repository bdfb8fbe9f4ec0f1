package genisys

import "bytes"

const (
	terminator = 0xf6
	escape     = 0xf0
	maxFrame   = 600 // bytes with escapes; a station has 255 pairs at most
)

// Control bytes.
const (
	Acknowledge     = 0xf1 // from the station: nothing to tell
	IndicationData  = 0xf2
	ControlCheck    = 0xf3
	AckAndPoll      = 0xfa
	Poll            = 0xfb
	ControlData     = 0xfc
	RecallHeader    = 0xfd
	ControlExecute  = 0xfe
	firstFromMaster = AckAndPoll
)

// Frame is one message.
type Frame struct {
	Control uint8
	Station uint8
	Checked bool // it carried a CRC, and that was right
}

// Next reads the frame at the start of b: its size, 0 when more bytes are needed, -1 when there is none.
func Next(b []byte) (f Frame, size int) {
	if len(b) == 0 {
		return f, 0
	}
	f.Control = b[0]
	if f.Control < Acknowledge || f.Control > ControlExecute || f.Control > ControlCheck && f.Control < firstFromMaster {
		return f, -1
	}
	end := bytes.IndexByte(b[:min(len(b), maxFrame)], terminator)
	switch {
	case end < 0 && len(b) >= maxFrame:
		return f, -1
	case end < 0:
		return f, 0
	}
	var held [maxFrame]byte
	plain, ok := unescape(held[:0], b[:end])
	if !ok || len(plain) < 2 {
		return f, -1
	}
	f.Station = plain[1]
	n := len(plain) - 2
	if n == 0 { // an acknowledgement has no CRC, and an unsecured poll need not have one
		if f.Control != Acknowledge && f.Control != Poll {
			return f, -1
		}
		return f, end + 1
	}
	crc := uint16(0xffff)
	for _, x := range plain[:n] {
		crc = update(crc, x)
	}
	if n < 2 || crc != uint16(plain[n])|uint16(plain[n+1])<<8 {
		return f, -1
	}
	f.Checked = true
	return f, end + 1
}

// unescape turns F0 0x into Fx behind the control byte.
func unescape(out, b []byte) ([]byte, bool) {
	out = append(out, b[0])
	for i := 1; i < len(b); i++ {
		x := b[i]
		if x == escape {
			if i++; i == len(b) || b[i] > 0x0f {
				return nil, false
			}
			x |= b[i]
		} else if x > escape {
			return nil, false
		}
		out = append(out, x)
	}
	return out, true
}

// update is a step of CRC-16 (polynomial 8005, reflected).
func update(crc uint16, x byte) uint16 {
	crc ^= uint16(x)
	for range 8 {
		if crc&1 != 0 {
			crc = crc>>1 ^ 0xa001
		} else {
			crc >>= 1
		}
	}
	return crc
}
