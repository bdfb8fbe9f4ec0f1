package dissecttest

import (
	"bytes"
	"fmt"
	"testing"
	"time"
)

// What a dissector may take for a byte when a long input comes byte by byte, on a busy machine; a parser that
// begins anew with each byte of a message takes many times that. What it takes grows with the buffer that it asks
// for, never with the stream: a stream four times as long takes about four times as long.
const (
	mostPerByte = 20 * time.Microsecond
	longStream  = 24 << 10 // bytes
	mostGrowth  = 10       // times, for four times the bytes
	measurable  = 60 * time.Millisecond
)

// checkLong follows the first messages of a conversation by long inputs that never end: the beginning of the message
// again and again, one letter, lines of nothing, digits, brackets.
func checkLong(t *testing.T, pl player, c *Conversation) {
	t.Helper()
	if !timesCount {
		return
	}
	for _, fault := range pl.slow(t, c) {
		t.Error(fault)
	}
}

func (p player) slow(t testing.TB, c *Conversation) (faults []string) {
	t.Helper()
	for n := range min(len(c.Messages), 3) {
		m := c.Messages[n]
		if m.Lost || len(m.Data) == 0 {
			continue
		}
		for _, fill := range [][]byte{m.Data, m.Data[:min(len(m.Data), 7)], []byte("a"), []byte("\r\n"), []byte("9"), []byte("<"), {0}, {0xff}} {
			short := p.timed(t, c, n, fill, longStream)
			if short > mostPerByte*longStream {
				short = min(short, p.timed(t, c, n, fill, longStream), p.timed(t, c, n, fill, longStream))
			}
			if short > mostPerByte*longStream {
				faults = append(faults, fmt.Sprintf("behind message %d, %d bytes of %.20q one by one take %v", n, longStream, fill, short))
				return faults // one is enough
			}
			if short < measurable {
				continue
			}
			if long := p.timed(t, c, n, fill, 4*longStream); long > mostGrowth*short && p.timed(t, c, n, fill, 4*longStream) > mostGrowth*short {
				faults = append(faults, fmt.Sprintf("behind message %d, %d bytes of %.20q take %v, four times as many %v", n, longStream, fill, short, long))
			}
		}
	}
	return faults
}

// timed plays a conversation up to a message, which begins as it should and goes on with a filling, byte by byte.
func (p player) timed(t testing.TB, c *Conversation, n int, fill []byte, size int) time.Duration {
	t.Helper()
	m := c.Messages[n]
	head := m.Data[:(len(m.Data)+1)/2]
	data := append(bytes.Clone(head), bytes.Repeat(fill, size/len(fill)+1)...)[:size]
	messages := append([]Message(nil), c.Messages[:n]...)
	for i := range data {
		messages = append(messages, Message{Dir: m.Dir, Data: data[i : i+1]})
	}
	begin := time.Now()
	p.play(t, c, messages)
	return time.Since(begin)
}
