package kerberos

import "github.com/wardscope/wardscope/sensor/dissect/wire"

// The application tags of the messages (RFC 4120, section 5.10) as BER identifier octets.
const (
	tagASReq  = 0x6a
	tagASRep  = 0x6b
	tagTGSReq = 0x6c
	tagTGSRep = 0x6d
	tagAPReq  = 0x6e
	tagAPRep  = 0x6f
	tagError  = 0x7e
	tagTicket = 0x61
)

const maxTypes = 16

// message is what may be told of a message.
type message struct {
	tag      uint8
	realm    string
	client   []string // components of the client's name
	service  []string
	etypes   []int64 // asked for; in answers and tickets the ones used
	netbios  string  // HostAddress type 20
	code     int64   // of an error
	ticket   bool
	ticketET int64
}

// isMessage reports whether data begins with a message whose length is n.
func isMessage(data []byte) (n int, ok bool) {
	if len(data) < 2 || !known(data[0]) {
		return 0, false
	}
	c := wire.At(data)
	c.Skip(1)
	switch l := c.U8(); {
	case l < 0x80:
		return 2 + int(l), true
	case l == 0x81:
		return 3 + int(c.U8()), c.OK()
	case l == 0x82:
		return 4 + int(c.U16()), c.OK()
	}
	return 0, false
}

func known(tag byte) bool {
	return tag >= tagASReq && tag <= tagAPRep || tag == tagError
}

func parse(data []byte) (message, bool) {
	c := wire.At(data)
	tag, body := c.TLV()
	m := message{tag: tag}
	seq := body.Expect(0x30)
	if !c.OK() || !seq.OK() {
		return m, false
	}
	switch tag {
	case tagASReq, tagTGSReq:
		m.request(seq)
	case tagASRep, tagTGSRep:
		m.answer(seq)
	case tagAPReq:
		fields(seq, func(n int, v wire.Cursor) {
			if n == 3 {
				m.readTicket(v)
			}
		})
	case tagError:
		m.failure(seq)
	}
	return m, true
}

// fields calls f for each context-tagged element of a sequence.
func fields(seq wire.Cursor, f func(n int, value wire.Cursor)) {
	for seq.Len() > 0 {
		tag, v := seq.TLV()
		if !seq.OK() {
			return
		}
		if tag&0xe0 == 0xa0 {
			f(int(tag&0x1f), v)
		}
	}
}

// request reads KDC-REQ: the body is field 4.
func (m *message) request(seq wire.Cursor) {
	fields(seq, func(n int, v wire.Cursor) {
		if n != 4 {
			return
		}
		fields(v.Expect(0x30), func(n int, v wire.Cursor) {
			switch n {
			case 1:
				m.client = principal(v)
			case 2:
				m.realm = text(v)
			case 3:
				m.service = principal(v)
			case 8:
				types := v.Expect(0x30)
				for types.Len() > 0 && len(m.etypes) < maxTypes {
					one := types.Expect(0x02)
					m.etypes = append(m.etypes, one.Int())
				}
			case 9:
				m.addresses(v.Expect(0x30))
			}
		})
	})
}

func (m *message) addresses(list wire.Cursor) {
	for list.Len() > 0 {
		kind, name := int64(0), ""
		fields(list.Expect(0x30), func(n int, v wire.Cursor) {
			if n == 0 {
				one := v.Expect(0x02)
				kind = one.Int()
			} else if n == 1 {
				one := v.Expect(0x04)
				name = wire.String(wire.TrimText(one.Rest()))
			}
		})
		if kind == 20 { // NetBIOS (RFC 4120, section 7.5.3)
			m.netbios = name
		}
	}
}

// answer reads KDC-REP.
func (m *message) answer(seq wire.Cursor) {
	fields(seq, func(n int, v wire.Cursor) {
		switch n {
		case 3:
			m.realm = text(v)
		case 4:
			m.client = principal(v)
		case 5:
			m.readTicket(v)
		}
	})
}

func (m *message) readTicket(v wire.Cursor) {
	app := v.Expect(tagTicket)
	fields(app.Expect(0x30), func(n int, v wire.Cursor) {
		switch n {
		case 1:
			m.realm = text(v)
		case 2:
			m.service = principal(v)
		case 3:
			fields(v.Expect(0x30), func(n int, v wire.Cursor) {
				if n == 0 {
					one := v.Expect(0x02)
					m.ticketET, m.ticket = one.Int(), true
				}
			})
		}
	})
}

func (m *message) failure(seq wire.Cursor) {
	fields(seq, func(n int, v wire.Cursor) {
		switch n {
		case 6:
			one := v.Expect(0x02)
			m.code = one.Int()
		case 9:
			m.realm = text(v)
		case 10:
			m.service = principal(v)
		}
	})
}

// principal reads the components of a PrincipalName (RFC 4120, section 5.2.2).
func principal(v wire.Cursor) []string {
	out := make([]string, 0, 2) // most have one part or two
	fields(v.Expect(0x30), func(n int, v wire.Cursor) {
		if n != 1 {
			return
		}
		list := v.Expect(0x30)
		for list.Len() > 0 && len(out) < 4 {
			out = append(out, string(general(&list))) // may be a person's: not kept beyond this message
		}
	})
	return out
}

func text(v wire.Cursor) string { return wire.String(general(&v)) }

// general is the content of a GeneralString, nil when it is none.
func general(c *wire.Cursor) []byte {
	tag, v := c.TLV()
	if tag != 0x1b || !c.OK() || !wire.Printable(v.Rest()) {
		return nil
	}
	return v.Rest()
}
