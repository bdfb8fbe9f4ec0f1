package ethercat

import "github.com/wardscope/wardscope/sensor/dissect/wire"

// Frame is what an EtherCAT frame says.
type Frame struct {
	Process bool // datagrams of the process and the mailboxes; else network variables or a mailbox gateway
	Reads   uint32
	Writes  uint32
	Worked  bool // a working counter is set: slaves have passed it on
}

// Parse reads a frame. The lengths of its datagrams add up to its own; padding may follow.
func Parse(b []byte) (f Frame, ok bool) {
	c := wire.At(b)
	head := c.L16()
	body := c.Sub(int(head & 0x7ff))
	if !c.OK() || body.Len() == 0 {
		return f, false
	}
	switch head >> 12 {
	case 1:
		f.Process = true
	case 4, 5:
		return f, true
	default:
		return f, false
	}
	for more := true; more; {
		command := body.U8()
		body.Skip(5)
		size := body.L16()
		body.Skip(2 + int(size&0x7ff))
		if counter := body.L16(); counter != 0 {
			f.Worked = true
		}
		if !body.OK() || command > 14 {
			return f, false
		}
		f.count(command)
		more = size&0x8000 != 0
	}
	return f, body.Len() == 0
}

// count sorts a command: three each of auto-increment, configured, broadcast and logical (read,
// write, read and write), then two of read-multiple-write.
func (f *Frame) count(command uint8) {
	switch {
	case command == 0:
	case command > 12:
		f.Reads++
		f.Writes++
	case command%3 == 1:
		f.Reads++
	case command%3 == 2:
		f.Writes++
	default:
		f.Reads++
		f.Writes++
	}
}
