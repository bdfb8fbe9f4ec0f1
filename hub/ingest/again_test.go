package ingest_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/wardscope/wardscope/hub/ingest"
	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/hub/store/storetest"
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/internal/subject"
)

// flows counts the stored flows of a sensor.
func (m *memory) flows(sensor model.SensorID) (n int) {
	for _, g := range m.groups() {
		for i := range g.Flows {
			if g.Flows[i].Sensor == sensor {
				n++
			}
		}
	}
	return n
}

// A batch that an older hub could not read is stored once, however often it is taken in again, by one
// hub or the next, with a store that refuses and loses answers.
func TestQuarantineIsTakenInAgainOnce(t *testing.T) {
	h := newHub(t)
	h.store.fail = flaky(7)
	in, stop := h.run(quick(), h.store)
	b := batch("north", "n1", 1, 2, 5)
	h.send(batch("north", "n1", 1, 1, 1))
	h.sendRaw(subject.Events("north", "n1"), subject.MessageID(b.ID), []byte("of a newer schema")) // what the old hub saw of it
	h.drained()
	if got := h.store.flows("n1"); got != 1 {
		t.Fatalf("%d flows stored, want 1", got)
	}
	if err := in.Again(t.Context(), b.ID, true, []byte("of a newer schema")); !errors.Is(err, ingest.ErrUnreadable) {
		t.Errorf("a hub that cannot read it either: %v", err)
	}
	if err := in.Again(t.Context(), b.ID, true, h.encode(batch("north", "n1", 1, 3, 5))); !errors.Is(err, ingest.ErrUnreadable) {
		t.Errorf("another batch under its name: %v", err)
	}
	for range 2 {
		if err := in.Again(t.Context(), b.ID, true, h.encode(b)); err != nil {
			t.Fatal(err)
		}
	}
	h.drained()
	stop()
	in, _ = h.run(quick(), h.store)
	if err := in.Again(t.Context(), b.ID, true, h.encode(b)); err != nil {
		t.Fatal(err)
	}
	h.send(b) // and the sensor sends it once more
	h.drained()
	// The server itself knows a batch again for a second: only then does the journal alone decide.
	committed := func() uint64 {
		var rec ingest.Record
		var total uint64
		for p := range subject.Partitions {
			if _, err := h.state.Record(t.Context(), p, &rec); err == nil {
				total += rec.Committed
			}
		}
		return total
	}
	before := committed()
	h.until("the server takes it once more", func() bool {
		if err := in.Again(t.Context(), b.ID, true, h.encode(b)); err != nil {
			t.Fatal(err)
		}
		h.drained()
		return committed() > before
	})
	if got := h.store.flows("n1"); got != 6 {
		t.Errorf("%d flows stored, want 1 and 5", got)
	}
}

// One whose number the journal never took is stored once too: again, or by its sensor.
func TestUncountedQuarantine(t *testing.T) {
	h := newHub(t)
	in, _ := h.run(quick(), h.store)
	first, second := batch("north", "n1", 1, 1, 2), batch("north", "n1", 1, 2, 3)
	if err := in.Again(t.Context(), first.ID, false, h.encode(first)); err != nil {
		t.Fatal(err)
	}
	h.send(second)
	h.drained()
	if err := in.Again(t.Context(), second.ID, false, h.encode(second)); err != nil {
		t.Fatal(err)
	}
	h.send(first)
	h.drained()
	h.once("n1/1/1", "n1/1/2")
}

// A sensor that calls its batch one out of quarantine gets nothing stored twice.
func TestSensorsCannotForgeIt(t *testing.T) {
	h := newHub(t)
	h.run(quick(), h.store)
	b := batch("north", "n1", 1, 1, 4)
	h.send(b)
	h.drained()
	for i, proof := range []string{"", "counted ", "counted " + strings.Repeat("00", 32), "x"} {
		msg := nats.NewMsg(subject.Events("north", "n1"))
		msg.Data = h.encode(b)
		msg.Header.Set("Wardscope-Again", proof)
		for _, id := range []string{"again/n1/1/1", "n1/1/1"} {
			msg.Header.Set("X-Try", fmt.Sprint(i))
			if _, err := h.js.PublishMsg(t.Context(), msg, jetstream.WithMsgID(id)); err != nil {
				t.Fatal(err)
			}
		}
	}
	h.drained()
	if got := h.store.flows("n1"); got != 4 {
		t.Errorf("%d flows stored, want 4", got)
	}
}

// The real engine: what is in quarantine is listed until it is stored, and the ledger counts it as
// arrived in quarantine before and as stored after.
func TestQuarantineLeavesTheLedgerWhole(t *testing.T) {
	s := storetest.Open(t)
	h := newHub(t)
	in, _ := h.run(quick(), s)
	b := batch("north", "n1", 1, 2, 5)
	h.send(batch("north", "n1", 1, 1, 1))
	h.sendRaw(subject.Events("north", "n1"), subject.MessageID(b.ID), []byte("poison"))
	h.sendRaw(subject.Events("north", "n1"), "no number", []byte("poison"))
	h.drained()
	account := func(stored, quarantined, events uint64) {
		t.Helper()
		all, err := s.Accounts(t.Context(), store.Scope{}, "n1")
		if err != nil {
			t.Fatal(err)
		}
		if a := all[0]; len(all) != 1 || a.Sealed != 2 || a.Stored != stored || a.Quarantined != quarantined || a.Events != events || a.Lost() != 0 {
			t.Errorf("account %+v, want %d stored, %d in quarantine, %d events", a, stored, quarantined, events)
		}
		books, err := s.Ledger(t.Context(), store.Scope{})
		if err != nil {
			t.Fatal(err)
		}
		var batches, inQuarantine uint64
		for _, l := range books {
			batches, inQuarantine = batches+l.Batches, inQuarantine+l.Quarantined
		}
		if batches != 2 || inQuarantine != quarantined+1 {
			t.Errorf("ledger: %d batches, %d in quarantine; want 2 and %d", batches, inQuarantine, quarantined+1)
		}
	}
	list := func(want int) []store.InQuarantine {
		t.Helper()
		got, err := s.Quarantine(t.Context(), "n1", 10)
		if err != nil || len(got) != want {
			t.Fatalf("%d in quarantine, %v; want %d: %+v", len(got), err, want, got)
		}
		return got
	}
	account(1, 1, 5)
	for _, q := range list(2) {
		payload, err := s.QuarantinePayload(t.Context(), &q)
		if err != nil || string(payload) != "poison" || q.Counted != (q.Sequence == 2) || q.Octets != 6 {
			t.Errorf("%+v holds %q, %v", q, payload, err)
		}
	}
	for range 3 {
		if err := in.Again(t.Context(), b.ID, true, h.encode(b)); err != nil {
			t.Fatal(err)
		}
		h.drained()
	}
	account(2, 0, 14)
	if q := list(1)[0]; q.Sequence != 0 {
		t.Errorf("left is %+v, want the one without a number", q)
	}
	summary, err := s.Quarantined(t.Context())
	if err != nil || len(summary) != 1 {
		t.Errorf("the doctor sees %+v, %v", summary, err)
	}
}
