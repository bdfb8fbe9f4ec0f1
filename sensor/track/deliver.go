package track

// deliver gives bytes to the Reader, and a gap for those that the capture cut off. False when the
// stream is gone.
func (t *Table) deliver(r *record, h *half, side int, data []byte, wire int) bool {
	h.next += uint32(wire)
	if len(data) > 0 {
		s, service := t.reader.Data(r.handle, &t.view, t.view.direction(side), data)
		if !t.answerStream(r, s, service) {
			return false
		}
	}
	if cut := wire - len(data); cut > 0 {
		return t.tellGap(r, side, cut)
	}
	return true
}

// gap passes over n bytes that will not come.
func (t *Table) gap(r *record, h *half, side, n int) bool {
	h.next += uint32(n)
	return t.tellGap(r, side, n)
}

func (t *Table) tellGap(r *record, side, n int) bool {
	t.counters.Gaps++
	s, service := t.reader.Gap(r.handle, &t.view, t.view.direction(side), n)
	return t.answerStream(r, s, service)
}

func (t *Table) answerStream(r *record, s State, service uint16) bool {
	if t.answer(r, s, service) {
		return true
	}
	t.streams.release(r)
	return false
}

// contiguous hands over the early pieces that now follow. False when the stream is gone.
func (t *Table) contiguous(r *record, h *half, side int) bool {
	for h.early != nil && int32(h.early.seq-h.next) <= 0 {
		p := h.early
		h.early = p.next
		past := int(h.next - p.seq)
		if past >= int(p.wire) {
			t.streams.recycle(h, p)
			continue
		}
		ok := t.deliver(r, h, side, p.data[min(past, len(p.data)):], int(p.wire)-past)
		// The stream may be gone, its half with it, but this piece was taken out of it before.
		t.streams.recycle(h, p)
		if !ok {
			return false
		}
		h.since = t.now
	}
	return true
}

// giveUpHole tells the gap before the first early piece and hands over what follows it; all says
// to go on until nothing is left. False when the stream is gone.
func (t *Table) giveUpHole(r *record, side int, all bool) bool {
	h := &t.streams.at(r.stream).halves[side]
	for h.early != nil {
		if n := int32(h.early.seq - h.next); n > 0 && !t.gap(r, h, side, int(n)) {
			return false
		}
		if !t.contiguous(r, h, side) {
			return false
		}
		if !all {
			break
		}
	}
	return true
}

// skipAcked gives up a hole that the receiver acknowledged: it has those bytes, they will not come again.
func (t *Table) skipAcked(r *record, side int) {
	h := &t.streams.at(r.stream).halves[side]
	for h.early != nil && int32(r.acked[side]-h.early.seq) >= 0 {
		if !t.giveUpHole(r, side, false) {
			return
		}
	}
}

// drain hands over, gaps told, all that is held when a flow ends.
func (t *Table) drain(r *record) {
	for side := range 2 {
		if r.stream == 0 || !t.giveUpHole(r, side, true) {
			return
		}
	}
}
