package s7comm

import (
	"bytes"

	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

const maxTPKT = 8192 // bytes; PDUs of S7-400 stay under 1 KiB, of S7-1500 under 2 KiB

// Next cuts an RFC 1006 packet off b: its size, 0 when more bytes are needed, -1 when b is none.
func Next(b []byte) (tpdu []byte, size int) {
	if len(b) >= 2 && (b[0] != 3 || b[1] != 0) {
		return nil, -1
	}
	if len(b) < 5 {
		return nil, 0
	}
	size = int(b[2])<<8 | int(b[3])
	if size < 7 || size > maxTPKT || int(b[4]) < 2 || int(b[4]) > size-5 {
		return nil, -1
	}
	if len(b) < size {
		return nil, 0
	}
	return b[4:size], size
}

// TPDU codes: ITU-T X.224, section 13.
const (
	Connect = 0xe0
	Confirm = 0xd0
	Data    = 0xf0
)

// Payload is what a data TPDU carries; nil for others.
func Payload(tpdu []byte) []byte {
	if tpdu[1] != Data || len(tpdu) < 1+int(tpdu[0]) {
		return nil
	}
	return tpdu[1+int(tpdu[0]):]
}

// PDU is an S7 message. Function is the first parameter byte of jobs and acks; Group and
// Subfunction are valid iff Kind is UserData.
type PDU struct {
	Kind        uint8
	Function    uint8
	Group       uint8 // low half: 1 mode, 3 block, 4 CPU, 5 security, 7 time; high half: 4 request, 8 response
	Subfunction uint8
	Error       uint16
	Data        []byte
}

// Kinds of messages.
const (
	Job      = 1
	Ack      = 2
	AckData  = 3
	UserData = 7
)

// Parse reads a message behind the transport header.
func Parse(b []byte) (p PDU, ok bool) {
	c := wire.At(b)
	id := c.U8()
	p.Kind = c.U8()
	c.Skip(4)
	parameters, data := int(c.U16()), int(c.U16())
	if p.Kind == Ack || p.Kind == AckData {
		p.Error = c.U16()
	}
	if !c.OK() || id != 0x32 || p.Kind != Job && p.Kind != Ack && p.Kind != AckData && p.Kind != UserData {
		return p, false
	}
	param := c.Sub(parameters)
	p.Data = c.Bytes(min(data, c.Len()))
	if p.Kind == UserData {
		param.Skip(5)
		p.Group, p.Subfunction = param.U8(), param.U8()
	} else if param.Len() > 0 {
		p.Function = param.U8()
	}
	return p, c.OK() && param.OK()
}

// Refused tells of an answer to a read or write that the first item's return code is not that of success.
func (p *PDU) Refused() bool {
	return p.Kind == AckData && (p.Function == 0x04 || p.Function == 0x05) && len(p.Data) > 0 && p.Data[0] != 0xff
}

// Record is a line of a system status list.
type Record struct {
	Index uint16
	Data  []byte
}

// StatusList reads an answer's list: return code, transport size, length, then id, index, record
// length and count. Only the two lists that name the module are returned.
func StatusList(b []byte) (id uint16, out []Record) {
	const most = 16
	c := wire.At(b)
	code := c.U8()
	c.Skip(3)
	id = c.U16()
	c.Skip(2)
	size, count := int(c.U16()), int(c.U16())
	if !c.OK() || code != 0xff || size < 4 {
		return 0, nil
	}
	switch id & 0x00ff {
	case 0x11, 0x1c:
	default:
		return 0, nil
	}
	for range min(count, most) {
		r := c.Sub(size)
		if !c.OK() {
			break
		}
		out = append(out, Record{r.U16(), r.Rest()})
	}
	return id & 0x00ff, out
}

// Controller finds the string of S7comm-plus that names a controller: "1;6ES7 …;V4.0".
func Controller(b []byte) (order, version string) {
	at := bytes.Index(b, []byte("1;6ES7 "))
	if at < 0 {
		return "", ""
	}
	b = b[at+2:]
	n := 0
	for n < len(b) && n < 64 && wire.Printable(b[n:n+1]) {
		n++
	}
	text, rest, _ := bytes.Cut(b[:n], []byte{';'})
	return string(bytes.TrimSpace(text)), string(bytes.TrimSpace(rest))
}
