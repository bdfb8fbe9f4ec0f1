package eapol

import "github.com/wardscope/wardscope/sensor/dissect/wire"

// Frame is an EAPOL frame. Code and Method are valid iff Type is 0 (EAP packet).
type Frame struct {
	Version, Type uint8
	Code          uint8 // 1 request, 2 response, 3 success, 4 failure
	Method        uint8 // 0 when the packet has none
}

// Parse reads a frame behind the EtherType.
func Parse(b []byte) (f Frame, ok bool) {
	c := wire.At(b)
	f.Version, f.Type = c.U8(), c.U8()
	n := int(c.U16())
	if !c.OK() || f.Version == 0 || f.Version > 3 || f.Type > 8 {
		return Frame{}, false
	}
	if f.Type != 0 {
		return f, true
	}
	body := c.Sub(min(n, c.Len()))
	f.Code = body.U8()
	body.Skip(3)
	if !body.OK() || f.Code == 0 || f.Code > 6 {
		return Frame{}, false
	}
	if f.Code <= 2 {
		f.Method = body.U8()
	}
	return f, true
}
