package browser

import (
	"bytes"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

// Datagram is a NetBIOS datagram. Frame is valid iff Browse.
type Datagram struct {
	Type     uint8
	Source   model.Addr
	From, To Name
	Browse   bool // it carries a browser frame
	Frame    Frame
}

// Name is a NetBIOS name with its suffix byte.
type Name struct {
	Text   string
	Suffix uint8
}

// Frame is a browser frame. Major, Minor and Server are valid iff Announcement.
type Frame struct {
	Command      uint8
	Announcement bool
	Name         string
	Major, Minor uint8
	Server       uint32 // type bits: MS-BRWS, section 2.2.5
}

// Parse reads a datagram of one of the types that carry user data; others have a header only.
func Parse(b []byte) (d Datagram, ok bool) {
	c := wire.At(b)
	d.Type = c.U8()
	flags := c.U8()
	c.Skip(2)
	source := c.Bytes(4)
	port := c.U16()
	if !c.OK() || d.Type < 0x10 || d.Type > 0x12 || flags&0xf0 != 0 || port != 138 {
		return Datagram{}, false
	}
	d.Source = model.AddrFrom4(source)
	c.Skip(4) // length, packet offset
	var fine [2]bool
	d.From, fine[0] = name(&c)
	d.To, fine[1] = name(&c)
	if !fine[0] || !fine[1] || !c.OK() {
		return Datagram{}, false
	}
	d.mailslot(c)
	return d, true
}

func name(c *wire.Cursor) (n Name, ok bool) {
	if c.U8() != 32 {
		return n, false
	}
	b := c.Bytes(32)
	var raw [16]byte
	for i := range raw {
		if b == nil || b[2*i]-'A' > 15 || b[2*i+1]-'A' > 15 {
			return n, false
		}
		raw[i] = (b[2*i]-'A')<<4 | (b[2*i+1] - 'A')
	}
	for {
		scope := c.U8()
		if !c.OK() || scope > 63 {
			return n, false
		}
		if scope == 0 {
			break
		}
		c.Skip(int(scope))
	}
	return Name{Text: string(wire.TrimText(raw[:15])), Suffix: raw[15]}, true
}

var browse = []byte("\\MAILSLOT\\BROWSE\x00")

// mailslot reads an SMB transaction: header of 32 bytes, then a word count and words of which
// word 12 is the data's offset from the header.
func (d *Datagram) mailslot(c wire.Cursor) {
	smb := c.Rest()
	magic, command := c.U32(), c.U8()
	c.Skip(27)
	words := int(c.U8())
	params := c.Sub(2 * words)
	c.Skip(2)
	if !c.OK() || magic != 0xff534d42 || command != 0x25 || words < 14 || !bytes.HasPrefix(upper(c.Bytes(min(len(browse), c.Len()))), browse) {
		return
	}
	params.Skip(22)
	length, offset := int(params.L16()), int(params.L16())
	if offset < 33 || offset > len(smb) {
		return
	}
	body := wire.At(smb[offset:])
	d.Frame, d.Browse = frame(body.Sub(min(length, body.Len())))
}

func upper(b []byte) []byte { return bytes.ToUpper(b) }

func frame(c wire.Cursor) (f Frame, ok bool) {
	f.Command = c.U8()
	switch f.Command {
	case 0x01, 0x0c, 0x0f: // host, domain and local master announcements: sections 2.2.1, 2.2.3, 2.2.6
		c.Skip(5)
		text := c.Bytes(16)
		f.Major, f.Minor, f.Server = c.U8(), c.U8(), c.L32()
		if !c.OK() {
			return f, false
		}
		f.Name, f.Announcement = string(wire.TrimText(wire.Until(text, 0))), true
	case 0x02, 0x08, 0x09, 0x0a, 0x0b, 0x0d, 0x0e:
	default:
		return f, false
	}
	return f, c.OK()
}
