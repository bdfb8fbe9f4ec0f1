package telnet

// The command bytes (RFC 854, page 14).
const (
	iac  = 255
	dont = 254
	will = 251
	sb   = 250
	se   = 240
)

// stripper takes the commands out of one direction, byte by byte.
type stripper struct {
	state    stripState
	commands int
}

type stripState uint8

const (
	inText stripState = iota
	atCommand
	atOption
	inSub
	inSubCommand
)

// next reports whether b is text.
func (s *stripper) next(b byte) bool {
	switch s.state {
	case atCommand:
		switch {
		case b == iac:
			s.state = inText
			return true
		case b == sb:
			s.state = inSub
		case b >= will:
			s.state = atOption
		default:
			s.state = inText
		}
		s.commands++
	case atOption:
		s.state = inText
	case inSub:
		if b == iac {
			s.state = inSubCommand
		}
	case inSubCommand:
		s.state = inSub
		if b == se {
			s.state = inText
		}
	default:
		if b != iac {
			return true
		}
		s.state = atCommand
	}
	return false
}

// negotiates reports whether data begins with a negotiation or sub-negotiation of a known option
// (IANA, Telnet Options: 0 to 49, 138 to 140, 255).
func negotiates(data []byte) (sure, possible bool) {
	if data[0] != iac {
		return false, false
	}
	if len(data) < 3 {
		return false, len(data) < 2 || data[1] >= sb && data[1] <= dont
	}
	option := data[2] <= 49 || data[2] >= 138 && data[2] <= 140
	ok := data[1] >= sb && data[1] <= dont && option
	return ok, ok
}
