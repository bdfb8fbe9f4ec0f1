package ldap

import "github.com/wardscope/wardscope/sensor/dissect/wire"

// The operations (RFC 4511, appendix B) as BER identifier octets.
const (
	opBind          = 0x60
	opBindResponse  = 0x61
	opUnbind        = 0x42
	opSearch        = 0x63
	opSearchEntry   = 0x64
	opSearchDone    = 0x65
	opModify        = 0x66
	opAdd           = 0x68
	opDelete        = 0x4a
	opExtended      = 0x77
	opExtendedReply = 0x78
)

const oidStartTLS = "1.3.6.1.4.1.1466.20037" // RFC 4511, section 4.14

// size is the length of the message that data begins with; 0 when that is not seen yet; ok is
// false when it is no message.
func size(data []byte) (n int, ok bool) {
	if data[0] != 0x30 {
		return 0, false
	}
	if len(data) < 6 {
		return 0, true
	}
	switch l := data[1]; {
	case l < 0x80:
		return 2 + int(l), l >= 5
	case l <= 0x84 && l > 0x80:
		n := 0
		for _, b := range data[2 : 2+l&0x7f] {
			n = n<<8 | int(b)
		}
		return 2 + int(l&0x7f) + n, n < 1<<28
	}
	return 0, false
}

// operation reads the head of a message: which operation, and its body as far as it is there.
func operation(data []byte) (op uint8, body wire.Cursor, ok bool) {
	at := 2
	if len(data) > 1 && data[1]&0x80 != 0 {
		at += int(data[1] & 0x7f)
	}
	if at > len(data) {
		return 0, body, false
	}
	c := wire.At(data[at:])
	id := c.Expect(0x02)
	if id.Len() == 0 || id.Len() > 4 || !c.OK() || c.Len() == 0 {
		return 0, body, false
	}
	op = c.Rest()[0]
	whole := c
	if _, body = whole.TLV(); !whole.OK() {
		return op, wire.Cursor{}, plausible(op)
	}
	return op, body, plausible(op)
}

func plausible(op uint8) bool {
	return op >= opBind && op <= 0x79 && op&0xe0 == 0x60 || op == opUnbind || op == opDelete || op == 0x50
}

// entry is a SearchResultEntry: the name and up to so many attributes with their first values.
type entry struct {
	root       bool
	attributes []attribute
}

type attribute struct {
	name   string
	values []string
}

func parseEntry(c wire.Cursor) (entry, bool) {
	name := c.Expect(0x04)
	list := c.Expect(0x30)
	e := entry{root: name.Len() == 0}
	if !c.OK() {
		return e, false
	}
	for list.Len() > 0 && len(e.attributes) < 64 {
		one := list.Expect(0x30)
		name := one.Expect(0x04)
		values := one.Expect(0x31)
		if !one.OK() || !list.OK() {
			return e, false
		}
		a := attribute{name: string(name.Rest())}
		for values.Len() > 0 && len(a.values) < 4 {
			v := values.Expect(0x04)
			a.values = append(a.values, string(v.Rest()))
		}
		e.attributes = append(e.attributes, a)
	}
	return e, true
}

// netlogon reads NETLOGON_SAM_LOGON_RESPONSE_EX ([MS-ADTS], section 6.3.1.9): names as DNS labels
// with compression.
type netlogon struct{ forest, domain, host, nbDomain, nbHost string }

func parseNetlogon(b []byte) (netlogon, bool) {
	c := wire.At(b)
	if code := c.L16(); code != 23 && code != 25 {
		return netlogon{}, false
	}
	c.Skip(2 + 4 + 16)
	at := len(b) - c.Len()
	var names [5]string // forest, domain, host, NetBIOS domain and host; the user's name behind is not read
	ok := c.OK()
	for i := range names {
		if ok {
			names[i], at, ok = dnsName(b, at)
		}
	}
	if !ok {
		return netlogon{}, false
	}
	n := netlogon{forest: names[0], domain: names[1], host: names[2], nbDomain: names[3], nbHost: names[4]}
	return n, true
}

func dnsName(b []byte, at int) (name string, next int, ok bool) {
	jumped := false
	next = at
	for range 32 {
		if at >= len(b) {
			return "", 0, false
		}
		n := int(b[at])
		switch {
		case n == 0:
			if !jumped {
				next = at + 1
			}
			return name, next, true
		case n&0xc0 == 0xc0:
			if at+1 >= len(b) {
				return "", 0, false
			}
			if !jumped {
				next = at + 2
			}
			jumped = true
			at = n&0x3f<<8 | int(b[at+1])
		default:
			if at+1+n > len(b) || len(name) > 255 {
				return "", 0, false
			}
			if name != "" {
				name += "."
			}
			name += string(b[at+1 : at+1+n])
			at += 1 + n
		}
	}
	return "", 0, false
}
