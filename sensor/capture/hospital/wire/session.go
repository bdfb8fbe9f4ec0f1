package wire

import "time"

// Transport is what a session runs on.
type Transport uint8

// The transports.
const (
	TCP Transport = iota
	UDP
	Link
)

// Side is one end of a session as one vantage sees it.
type Side struct {
	IP    IP
	Port  uint16
	MAC   MAC    // source address of its frames: its own, or the router's that brought them
	Next  MAC    // destination address of its frames
	VLAN  uint16 // 802.1Q id of its frames, 0 for untagged
	Hops  uint8  // routers between it and the vantage
	Delay int64  // ns that its frames take to the vantage
	Stack *Stack
}

// Config describes a session.
type Config struct {
	Transport Transport
	Sides     [2]Side
	OneWay    time.Duration // transit time between the sides
	Start     int64         // Unix nanoseconds of the first packet
	Seed      uint64
	Script    Script
}

const (
	window      = 10 // segments in flight before the sender waits for acknowledgements
	ackEvery    = 2  // RFC 1122, section 4.2.3.2: at least each second full segment
	delayedAck  = 40 * time.Millisecond
	segmentGap  = 12 * time.Microsecond // 1,460 octets at 1 Gb/s
	broadcastIP = 255
)

type phase uint8

const (
	phaseSYN phase = iota
	phaseSYNACK
	phaseACK
	phaseData
	phaseFIN
	phaseFINACK
	phaseLastACK
	phaseDone
)

// Session plays one script.
type Session struct {
	cfg   Config
	rand  Rand
	phase phase

	at      int64 // emission time of the packet that comes next
	last    From  // who sent the packet before
	step    int
	round   int            // of a repeated step
	offset  int            // octets of the step that were sent
	sender  From           // who sent data last
	unacked int            // segments of sender that were not acknowledged
	ends    [window]uint32 // sequence numbers after them
	owed    int            // segments that this round of acknowledgements covers
	acked   int            // of them
	from    From           // who sends next
	ackOnly bool

	seq    [2]uint32
	ipid   [2]uint16
	tsBase [2]uint32
	bulkAt int
}

// NewSession makes a session; nothing happens before Next.
func NewSession(cfg Config) *Session {
	s := &Session{cfg: cfg, rand: NewRand(cfg.Seed, 1), at: cfg.Start}
	for i := range s.seq {
		r := s.rand.Uint64()
		s.seq[i], s.ipid[i], s.tsBase[i] = uint32(r), uint16(r>>32), uint32(r>>24)
	}
	if cfg.Transport != TCP {
		s.phase = phaseData
		if len(cfg.Script.Steps) == 0 {
			s.phase = phaseDone
			return s
		}
		s.from = cfg.Script.Steps[0].From
	}
	return s
}

// Done reports whether all was said.
func (s *Session) Done() bool { return s.phase == phaseDone }

// Due is the time at which the vantage sees the next packet. Valid iff not Done.
func (s *Session) Due() int64 { return s.at + s.cfg.Sides[s.from].Delay }

// Next appends the frame that is due to buf[:0] and plans the one after it.
func (s *Session) Next(buf []byte) []byte {
	if s.cfg.Transport == TCP {
		return s.nextTCP(buf[:0])
	}
	step := &s.cfg.Script.Steps[s.step]
	if step.Vary != nil {
		step.Vary(s.round, step.Data)
	}
	var frame []byte
	if s.cfg.Transport == UDP {
		frame = s.datagram(buf[:0], step)
	} else {
		frame = s.linkFrame(buf[:0], step)
	}
	s.round++
	if s.round < step.Times {
		s.at += int64(step.Every)
		return frame
	}
	s.round, s.last = 0, step.From
	s.step++
	if s.step == len(s.cfg.Script.Steps) {
		s.phase = phaseDone
		return frame
	}
	s.turn(s.cfg.Script.Steps[s.step].From, s.cfg.Script.Steps[s.step].Wait)
	return frame
}

// turn sets who sends next and when: a change of sides takes the transit time.
func (s *Session) turn(from From, wait time.Duration) {
	if from != s.last {
		s.at += int64(s.cfg.OneWay)
	}
	s.at += int64(max(wait, time.Microsecond))
	s.from = from
}

func (s *Session) nextTCP(buf []byte) []byte {
	from := s.from
	var frame []byte
	switch s.phase {
	case phaseSYN:
		frame = s.segment(buf, from, flagSYN, nil, 0)
		s.seq[from]++
		s.phase = phaseSYNACK
	case phaseSYNACK:
		frame = s.segment(buf, from, flagSYN|flagACK, nil, 0)
		s.seq[from]++
		s.phase = phaseACK
	case phaseACK:
		frame = s.segment(buf, from, flagACK, nil, 0)
		s.phase = phaseData
	case phaseData:
		frame = s.data(buf)
	case phaseFIN:
		frame = s.segment(buf, from, flagFIN|flagACK, nil, 0)
		s.seq[from]++
		s.phase = phaseFINACK
		if s.cfg.Script.Ending == Reset {
			s.phase = phaseDone
		}
	case phaseFINACK:
		frame = s.segment(buf, from, flagFIN|flagACK, nil, 0)
		s.seq[from]++
		s.phase = phaseLastACK
	default:
		frame = s.segment(buf, from, flagACK, nil, 0)
		s.phase = phaseDone
	}
	s.last = from
	s.plan()
	return frame
}

// data sends a segment of the step under way, or an acknowledgement of what came before.
func (s *Session) data(buf []byte) []byte {
	if s.ackOnly {
		s.acked = min(s.acked+ackEvery, s.owed)
		frame := s.segment(buf, s.from, flagACK, nil, 0)
		if s.acked == s.owed {
			s.owed, s.acked = 0, 0
		}
		return frame
	}
	step := &s.cfg.Script.Steps[s.step]
	if s.offset == 0 && step.Vary != nil {
		step.Vary(s.round, step.Data)
	}
	var head []byte
	if s.offset < len(step.Data) {
		head = step.Data[s.offset:]
	}
	mss := s.mss()
	head = head[:min(len(head), mss)]
	total := len(step.Data) + step.Bulk
	bulk := min(mss-len(head), total-s.offset-len(head))
	flags := byte(flagACK)
	if s.offset+len(head)+bulk == total {
		flags |= flagPSH
	}
	frame := s.segment(buf, s.from, flags, head, bulk)
	s.seq[s.from] += uint32(len(head) + bulk)
	s.offset += len(head) + bulk
	if s.sender != s.from {
		s.unacked = 0
	}
	s.sender = s.from
	s.ends[s.unacked] = s.seq[s.from]
	s.unacked++
	if s.offset == total {
		s.offset = 0
		s.round++
		if s.round >= step.Times {
			s.round = 0
			s.step++
		}
	}
	return frame
}

func (s *Session) mss() int {
	mss := int(min(s.cfg.Sides[0].Stack.MSS, s.cfg.Sides[1].Stack.MSS))
	if s.stamped() {
		mss -= 12
	}
	return mss
}

func (s *Session) stamped() bool {
	return s.cfg.Sides[0].Stack.Timestamp && s.cfg.Sides[1].Stack.Timestamp
}

// plan decides which TCP packet comes next.
func (s *Session) plan() {
	quick := 30*time.Microsecond + time.Duration(s.rand.Uint64()%40000)
	s.ackOnly = false
	switch s.phase {
	case phaseSYNACK:
		s.turn(Server, quick)
	case phaseACK:
		s.turn(Client, quick)
	case phaseData:
		s.planData(quick)
	case phaseFINACK:
		s.turn(Server, quick)
	case phaseLastACK:
		s.turn(Client, quick)
	case phaseSYN, phaseFIN, phaseDone:
	}
}

func (s *Session) planData(quick time.Duration) {
	if s.acked < s.owed {
		s.ackOnly = true
		s.turn(s.sender.other(), quick/8)
		return
	}
	steps := s.cfg.Script.Steps
	over := s.step >= len(steps)
	var wait time.Duration
	from := s.sender.other()
	if !over {
		from, wait = steps[s.step].From, steps[s.step].Wait
		if s.round > 0 {
			wait = steps[s.step].Every
		}
		if s.offset > 0 {
			wait = segmentGap + time.Duration(s.rand.Uint64()%4000)
		}
	}
	owed := s.unacked > 0 && s.last == s.sender
	if owed && (over || s.unacked >= window || from == s.sender && s.offset == 0 && wait > delayedAck || from != s.sender && wait > delayedAck) {
		s.owed, s.acked, s.unacked = s.unacked, 0, 0
		s.ackOnly = true
		s.turn(s.sender.other(), quick)
		return
	}
	if over {
		s.finish(quick)
		return
	}
	s.turn(from, wait)
}

func (s *Session) finish(quick time.Duration) {
	switch s.cfg.Script.Ending {
	case Open:
		s.phase = phaseDone
	case Reset:
		s.phase = phaseFIN
		s.turn(Server, quick)
	default:
		s.phase = phaseFIN
		s.turn(Client, time.Millisecond+quick)
	}
}
