package bsap

import "github.com/wardscope/wardscope/sensor/dissect/wire"

// Functions of a datagram.
const (
	Answer  = 5
	Request = 6
)

const (
	magic       = 0x000e
	header      = 14
	maxMessages = 16
)

// Datagram is a header.
type Datagram struct {
	Messages uint16
	Function uint16
}

// Parse reads a datagram. The lengths of its messages add up to its own.
func Parse(b []byte) (d Datagram, ok bool) {
	c := wire.At(b)
	if c.L16() != magic {
		return d, false
	}
	d.Messages, d.Function = c.L16(), c.L16()
	c.Skip(8) // sequence numbers: its own, the last one received
	if !c.OK() || d.Messages > maxMessages {
		return d, false
	}
	if d.Messages == 0 {
		return d, d.Function == 0 && c.Len() == 0
	}
	if d.Function == 0 || d.Function > 8 {
		return d, false
	}
	for range d.Messages {
		n := int(c.L32()) // counts itself
		if n < 9 || n > len(b) || c.Len() < n-4 || c.Rest()[0] != 0x0c && d.Function >= Answer {
			return d, false
		}
		c.Skip(n - 4)
	}
	return d, c.OK() && c.Len() == 0
}
