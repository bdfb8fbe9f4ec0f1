package ingest_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/internal/subject"
)

// A single changed byte anywhere in a batch is noticed: the batch goes to quarantine, and nothing
// of it is stored as if it were right.
func TestBadChecksumGoesToQuarantine(t *testing.T) {
	h := newHub(t)
	h.run(quick(), h.store)
	const n = 24
	for i := range uint64(n) {
		b := batch("north", "n1", 1, i+1, 50)
		data := slices.Clone(h.encode(b))
		data[int(i)*(len(data)-1)/(n-1)] ^= 0x20
		h.sendRaw(subject.Events("north", "n1"), subject.MessageID(b.ID), data)
	}
	h.send(batch("north", "n1", 1, n+1, 1))
	h.drained()
	flows, quarantine := 0, 0
	for _, g := range h.store.groups() {
		flows += len(g.Flows)
		quarantine += len(g.Quarantine)
	}
	if flows != 1 || quarantine != n {
		t.Errorf("got %d flows and %d in quarantine, want 1 and %d", flows, quarantine, n)
	}
}

// A small message that unpacks to more than a batch may hold costs no more memory than that.
func TestOversizedBatchGoesToQuarantine(t *testing.T) {
	h := newHub(t)
	h.run(quick(), h.store)
	zw, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	bomb := zw.EncodeAll(make([]byte, 512<<20), nil)
	h.sendRaw(subject.Events("north", "n1"), "n1/1/1", bomb)
	many := batch("north", "n1", 1, 2, 0)
	many.Stats = make([]model.Stats, 70_000)
	if data, err := h.codec.Encode(many); err == nil { // an honest sensor refuses already
		h.sendRaw(subject.Events("north", "n1"), "n1/1/2", data)
	}
	h.send(batch("north", "n1", 1, 3, 1))
	h.drained()
	var reasons []string
	for _, g := range h.store.groups() {
		for _, q := range g.Quarantine {
			reasons = append(reasons, q.Reason)
		}
	}
	if len(reasons) == 0 || !contains(reasons, "decompress") {
		t.Errorf("%d bytes that unpack to 512 MiB: %q", len(bomb), reasons)
	}
	if got := h.store.batches()["n1/1/3"]; got != 1 {
		t.Errorf("the batch behind it is stored %d times", got)
	}
}

// ClickHouse answers errors for ten minutes. With the pauses of the default configuration, half a
// second doubling up to thirty, that is about 26 attempts; here as many, with shorter pauses. The
// status names the fault, the stream goes on taking batches, and in the end each is stored once.
func TestStoreThatRefusesForTenMinutes(t *testing.T) {
	h := newHub(t)
	const attempts = 26
	fault := errors.New("Code: 243. DB::Exception: Cannot reserve 1.00 MiB, not enough space")
	h.store.fail = func(n int) (before, after error) {
		if n <= attempts {
			return fault, nil
		}
		return nil, nil
	}
	in, _ := h.run(quick(), h.store)
	h.send(batch("north", "n1", 1, 1, 1))
	h.until("the status names the fault", func() bool {
		for _, s := range in.Status() {
			if strings.Contains(s.Refused, "not enough space") {
				return true
			}
		}
		return false
	})
	for seq := uint64(2); seq <= 60; seq++ { // acknowledged by the stream meanwhile
		h.send(batch("north", "n1", 1, seq, 1))
		h.send(batch("south", "s1", 1, seq, 1))
	}
	h.drained()
	h.once(append(ids("n1", 1, 1, 60), ids("s1", 1, 2, 60)...)...)
	for _, s := range in.Status() {
		if s.Refused != "" || s.Stopped != "" {
			t.Errorf("afterwards partition %d still says %q %q", s.Partition, s.Refused, s.Stopped)
		}
	}
	if h.store.inserts <= attempts {
		t.Errorf("%d attempts, want more than %d", h.store.inserts, attempts)
	}
}

// A sensor that starts to number anew under an old epoch, as after a restored disk image, is
// counted as sending again: nothing is stored twice, and the status says how often.
func TestReplayedEpochIsCountedAsDuplicates(t *testing.T) {
	h := newHub(t)
	in, _ := h.run(quick(), h.store)
	for seq := uint64(1); seq <= 5; seq++ {
		h.send(batch("north", "n1", 7, seq, 1))
	}
	h.drained()
	<-time.After(1100 * time.Millisecond) // the server itself forgets ids after a second here
	for seq := uint64(1); seq <= 6; seq++ {
		b := batch("north", "n1", 7, seq, 2) // another content
		h.sendRaw(subject.Events("north", "n1"), subject.MessageID(b.ID), h.encode(b))
	}
	h.drained()
	h.once(ids("n1", 7, 1, 6)...)
	flows := 0
	for _, g := range h.store.groups() {
		flows += len(g.Flows)
	}
	if flows != 5+2 {
		t.Errorf("got %d flows, want 7", flows)
	}
	h.until("the status counts five duplicates", func() bool { // it follows the journal
		duplicates := uint64(0)
		for _, s := range in.Status() {
			duplicates += s.Duplicates
		}
		return duplicates == 5
	})
}
