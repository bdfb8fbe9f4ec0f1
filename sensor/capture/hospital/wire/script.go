package wire

import "time"

// From says which side of a conversation speaks.
type From uint8

// The two sides.
const (
	Client From = iota
	Server
)

func (f From) other() From { return f ^ 1 }

// Step is one thing said: a message on a TCP stream, a datagram, or a link-layer frame.
type Step struct {
	From From
	Wait time.Duration // before the first packet, counted from the one before
	Data []byte
	Bulk int // random octets that follow Data
	// Times repeats the step, Every apart; 0 and 1 mean once. Vary changes Data before round i.
	Times int
	Every time.Duration
	Vary  func(i int, data []byte)
	// EtherType and To hold for link-layer sessions: 0 means 802.3 length with LLC in Data; a
	// zero To means the other side's address.
	EtherType uint16
	To        MAC
}

// Ending is how a TCP connection ends.
type Ending uint8

// The endings.
const (
	Finish Ending = iota // FIN from the client, FIN from the server
	Reset                // RST from the server
	Open                 // still alive when the capture ends
)

// Script collects what is said. The zero Script with a Rand is ready.
type Script struct {
	Rand   *Rand
	Ending Ending
	Steps  []Step
}

// Say lets one side send data, wait after the packet before it.
func (s *Script) Say(from From, wait time.Duration, parts ...[]byte) {
	data := parts[0]
	if len(parts) > 1 {
		data = Join(parts...)
	}
	s.Steps = append(s.Steps, Step{From: from, Wait: wait, Data: data})
}

// Ask lets the client speak after a short think time.
func (s *Script) Ask(parts ...[]byte) {
	s.Say(Client, s.Rand.Between(200*time.Microsecond, 4*time.Millisecond), parts...)
}

// Answer lets the server speak after a short think time.
func (s *Script) Answer(parts ...[]byte) {
	s.Say(Server, s.Rand.Between(150*time.Microsecond, 9*time.Millisecond), parts...)
}

// Bulk lets one side send head and then n random octets.
func (s *Script) Bulk(from From, wait time.Duration, head []byte, n int) {
	s.Steps = append(s.Steps, Step{From: from, Wait: wait, Data: head, Bulk: n})
}

// Repeat lets one side send the same data times times, every apart; vary may change it each round.
func (s *Script) Repeat(from From, every time.Duration, times int, data []byte, vary func(i int, data []byte)) {
	if times > 0 {
		s.Steps = append(s.Steps, Step{From: from, Wait: every, Data: data, Times: times, Every: every, Vary: vary})
	}
}

// Link sends one link-layer frame's payload.
func (s *Script) Link(from From, wait time.Duration, etherType uint16, to MAC, data []byte) {
	s.Steps = append(s.Steps, Step{From: from, Wait: wait, Data: data, EtherType: etherType, To: to})
}

// Pause adds to the wait of the step said last.
func (s *Script) Pause(d time.Duration) {
	if n := len(s.Steps); n > 0 {
		s.Steps[n-1].Wait += d
	}
}
