package track

import "github.com/wardscope/wardscope/sensor/decode"

// A jump in sequence numbers beyond this is no loss but another numbering: 64 MiB.
const maxJump = 64 << 20

// reopens reports that a SYN begins a new conversation on an old one's ports.
func reopens(r *record, p *decode.Packet, side int) bool {
	if p.TCPFlags&decode.ACK != 0 {
		return r.tcp() == stateClosed && !(r.bits&(bitSeq0<<side) != 0 && before(p.Seq, r.next[side]))
	}
	again := r.bits&(bitSeq0<<side) != 0 && r.next[side] == p.Seq+1 // the SYN once more
	switch r.tcp() {
	case stateActive:
		return r.mutual() || r.packets[side] > 2
	case stateSYN, stateSYNACK:
		return !again && r.bits&(bitSeq0<<side) != 0
	case stateOpen:
		return !again
	}
	return true
}

// before compares sequence numbers (RFC 9293, section 3.4).
func before(a, b uint32) bool { return int32(a-b) < 0 }

// tcp follows a TCP packet: state, sequence numbers, acknowledgements, then the bytes.
func (t *Table) tcp(i uint32, r *record, b *Bucket, p *decode.Packet, side int) {
	if !p.HasPorts || p.Fragment && !p.Reassembled || p.Undecoded {
		return
	}
	expected, known := r.next[side], r.bits&(bitSeq0<<side) != 0
	r.flags[side] |= p.TCPFlags
	t.follow(i, r, p, side)
	r.sequence(p, side)
	if p.TCPFlags&(decode.ACK|decode.RST) == decode.ACK {
		b.stats.UnseenAckedOctets += r.acknowledge(p.Ack, 1-side)
	}
	if t.reader == nil {
		return
	}
	payload := len(p.Payload) > 0 && p.TCPFlags&decode.RST == 0 // some stacks explain a RST in words
	if r.stream == 0 && (r.bits&bitAsked != 0 || !payload) {
		return
	}
	t.view.r, t.view.i, t.view.p = r, i, p
	if r.stream == 0 && !t.openStream(r) {
		return
	}
	if payload {
		if !known {
			expected = payloadSeq(p)
		}
		t.segment(r, p, side, expected)
	}
	if r.stream != 0 && p.TCPFlags&decode.ACK != 0 {
		t.skipAcked(r, 1-side)
	}
}

func payloadSeq(p *decode.Packet) uint32 {
	if p.TCPFlags&decode.SYN != 0 {
		return p.Seq + 1
	}
	return p.Seq
}

// follow moves the state machine.
func (t *Table) follow(i uint32, r *record, p *decode.Packet, side int) {
	switch flags := p.TCPFlags; {
	case flags&decode.RST != 0:
		t.closed(i, r)
	case flags&(decode.SYN|decode.ACK) == decode.SYN:
		if r.tcp() <= stateSYN {
			r.opener(side)
			r.setTCP(stateSYN)
			t.arena.rare(i).timing = micros(p.Time - r.start)
			r.bits |= bitSYNTime
		}
	case flags&decode.SYN != 0:
		if r.tcp() <= stateSYNACK {
			r.opener(1 - side)
			r.setTCP(stateSYNACK)
		}
	default:
		t.opened(i, r, p, side)
		if flags&decode.FIN != 0 {
			r.bits |= bitFIN0 << side
			if r.bits&(bitFIN0|bitFIN1) == bitFIN0|bitFIN1 {
				t.closed(i, r)
			} else if r.tcp() < stateClosing {
				r.setTCP(stateClosing)
			}
		}
	}
}

// opened notes that a conversation is established: the handshake's last part, or both directions seen midway.
func (t *Table) opened(i uint32, r *record, p *decode.Packet, side int) {
	switch r.tcp() {
	case stateSYNACK:
		if side != r.initiator() {
			return
		}
		if r.bits&(bitSYNTime|bitRTT|bitExported) == bitSYNTime {
			timing := &t.arena.rare(i).timing
			*timing = max(micros(p.Time-r.start)-*timing, 1)
			r.bits |= bitRTT
		}
		r.setTCP(stateOpen)
	case stateSYN:
		if side == r.initiator() { // the SYN-ACK was not seen
			r.setTCP(stateOpen)
		}
	case stateActive:
		if r.mutual() {
			r.setTCP(stateOpen)
		}
	}
	if r.mutual() && r.tcp() == stateOpen && r.list() != listMutual {
		t.move(i, listMutual)
	}
}

// closed notes the end; what follows are stragglers, and the record is the first to go under pressure.
func (t *Table) closed(i uint32, r *record) {
	if r.tcp() != stateClosed {
		r.setTCP(stateClosed)
		t.move(i, listDoubtful)
	}
}

// opener notes for sure who opened the conversation.
func (r *record) opener(side int) {
	r.bits = r.bits&^(bitInitiator|bitInferred) | uint16(side)*bitInitiator | bitHandshake
}

// micros converts a span of the handshake; it is bounded by the timeouts.
func micros(nanoseconds int64) uint32 { return uint32(max(0, min(nanoseconds/1000, 1<<32-1))) }

// sequence follows the sequence numbers of a side: what was jumped over, what came again.
func (r *record) sequence(p *decode.Packet, side int) {
	if p.TCPFlags&decode.RST != 0 {
		return // some stacks put any number into a RST
	}
	length := uint32(p.PayloadLen)
	end := p.Seq + length + uint32(p.TCPFlags&decode.SYN>>1) + uint32(p.TCPFlags&decode.FIN)
	if r.bits&(bitSeq0<<side) == 0 {
		r.next[side] = end
		r.bits |= bitSeq0 << side
		return
	}
	switch ahead := int32(p.Seq - r.next[side]); {
	case ahead > maxJump || ahead < -maxJump:
		r.hole[side] = 0
		r.next[side] = end
	case ahead >= 0:
		r.hole[side] += uint32(ahead)
		r.next[side] = end
	default:
		r.old(length, ahead, side)
		if before(r.next[side], end) {
			r.next[side] = end
		}
	}
}

// old judges a segment that begins before the highest byte seen.
func (r *record) old(length uint32, ahead int32, side int) {
	switch {
	case length == 0 || length == 1 && ahead == -1: // pure acknowledgement, keep-alive (RFC 9293, section 3.8.4)
	case r.hole[side] > 0: // what was jumped over came late
		r.hole[side] -= min(r.hole[side], length)
	default:
		r.retransmitted++
	}
}

// acknowledge notes that bytes of a side were received, and returns how many of them were never seen here.
func (r *record) acknowledge(ack uint32, side int) (unseen uint64) {
	have := r.bits&(bitAck0<<side) != 0
	moved := int32(ack - r.acked[side])
	if r.bits&(bitSeq0<<side) != 0 {
		if r.hole[side] > 0 && !before(ack, r.next[side]) {
			unseen = uint64(r.hole[side])
			r.hole[side] = 0
		}
	} else if have && moved > 0 && moved < maxJump { // that direction is not seen at all
		unseen = uint64(moved)
	}
	if !have || moved > 0 {
		r.acked[side] = ack
		r.bits |= bitAck0 << side
	}
	return unseen
}

// unseenTail is what was acknowledged of both sides beyond the last byte seen, when a flow ends.
func (r *record) unseenTail() (octets uint64) {
	for side := range 2 {
		if r.bits&(bitSeq0<<side) == 0 || r.bits&(bitAck0<<side) == 0 {
			continue
		}
		if more := int32(r.acked[side] - r.next[side]); more > 0 && more < maxJump {
			octets += uint64(more)
		}
	}
	return octets
}

// oneWay judges a finished TCP conversation: counted says that it tells something of the mirror,
// one that only one direction of it was seen. A SYN that nobody answers is a scan, not a loss.
func (r *record) oneWay() (counted, one bool) {
	switch {
	case r.mutual():
		return true, false
	case r.tcp() == stateSYN, (r.flags[0]|r.flags[1])&^decode.ACK == decode.RST:
		return false, false
	}
	return true, true
}
