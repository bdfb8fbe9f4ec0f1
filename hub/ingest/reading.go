package ingest

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"slices"
	"strings"
	"time"

	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/internal/event"
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/internal/subject"
)

// reading turns the messages of a group into rows, one after the other. The same messages after
// the same record give the same rows, hash and count, which recovery depends on.
type reading struct {
	codec      *event.Codec
	resolver   *state.Resolver
	key        []byte            // of batches that come out of quarantine
	seen       map[string]Ranges // what is stored once this group is
	rows       store.Group
	hash       hash.Hash
	n          int // messages that are not duplicates
	duplicates int
	events     int
	last       uint64
	lastID     string
	received   time.Time // of the last message
}

// Reasons in the ledger of batches in quarantine; the quarantine itself has the words.
const (
	reasonUnreadable = "unreadable"
	reasonNewer      = "newer schema" // kept until the hub is upgraded
)

func newReading(codec *event.Codec, resolver *state.Resolver, key []byte, seen map[string]Ranges) *reading {
	return &reading{codec: codec, resolver: resolver, key: key, seen: cloneSeen(seen), hash: sha256.New()}
}

// sum is the hash over all that is kept.
func (r *reading) sum() string { return hex.EncodeToString(r.hash.Sum(nil)[:12]) }

// take adds one message.
func (r *reading) take(m message) {
	r.last, r.lastID, r.received = m.sequence, m.identity(), m.received
	_, site, sensor, err := subject.ParseStored(m.subject)
	from := r.again(&m, site)
	if from != "" {
		m.id = strings.TrimPrefix(m.id, againPrefix)
	}
	id, idErr := subject.ParseMessageID(m.id)
	id.Site = site
	if err = errors.Join(err, idErr); err == nil && id.Sensor != sensor {
		err = fmt.Errorf("sent by %s as a batch of %s", sensor, id.Sensor)
	}
	if err != nil {
		// Its number cannot be trusted, so it is not remembered.
		r.quarantine(m, model.BatchID{Site: site, Sensor: sensor}, err.Error())
		return
	}
	if from != "" {
		r.takeAgain(m, id, from)
		return
	}
	if r.seen[seenKey(id)].Has(id.Sequence) {
		r.duplicates++
		return
	}
	if reason := admits(r.seen, id); reason != "" {
		r.quarantine(m, id, reason)
		return
	}
	batch, err := r.decode(m.data)
	class := reasonUnreadable
	switch {
	case errors.Is(err, event.ErrSchema):
		class = reasonNewer
	case err == nil && batch.ID != id:
		r.quarantine(m, id, fmt.Sprintf("sent as %s/%s, says it is %s/%s", id.Site, subject.MessageID(id), batch.ID.Site, subject.MessageID(batch.ID)))
		return
	}
	r.see(id, id.Sequence, id.Sequence)
	if err != nil {
		stamp := r.quarantine(m, id, err.Error())
		r.rows.Batches = append(r.rows.Batches, store.BatchRow{Stamp: stamp, Reason: class})
		return
	}
	r.keep(m, batch)
}

// decode contains a panic of the decoder: one hostile batch would otherwise end the hub, again
// after each restart.
func (r *reading) decode(data []byte) (b *model.Batch, err error) {
	defer func() {
		if p := recover(); p != nil {
			b, err = nil, fmt.Errorf("decode batch: %v", p)
		}
	}()
	return r.codec.Decode(data)
}

func (r *reading) see(id model.BatchID, first, last uint64) {
	key := seenKey(id)
	// A batch was admitted before; what is bounded here are ranges that loss records name.
	if next := r.seen[key].Add(first, last); len(next) <= maxRanges {
		r.seen[key] = next
	}
}

func (r *reading) count(m message, kind string) {
	r.n++
	_, _ = fmt.Fprintf(r.hash, "%d %s %s\n", m.sequence, m.identity(), kind) // a hash never fails
}

// quarantine keeps the whole message for a person.
func (r *reading) quarantine(m message, id model.BatchID, reason string) store.Stamp {
	r.count(m, "quarantine")
	stamp := store.Stamp{
		Site: id.Site, Realm: r.resolver.Realm(id.Site, 0, 0), Sensor: id.Sensor, Receive: m.received, Epoch: id.Epoch, Sequence: id.Sequence,
	}
	r.rows.Quarantine = append(r.rows.Quarantine, store.QuarantineRow{Stamp: stamp, Reason: model.Text(reason), Payload: m.data})
	return stamp
}

// keep stamps the rows of a batch.
func (r *reading) keep(m message, b *model.Batch) {
	r.count(m, "batch")
	id := b.ID
	stamp := func(row int, domain model.DomainID, vlan uint16, addrs ...model.Addr) store.Stamp {
		return store.Stamp{
			Site: id.Site, Realm: r.resolver.Realm(id.Site, domain, vlan, addrs...), Sensor: id.Sensor, Receive: m.received,
			ClockOffset: b.ClockOffset, Epoch: id.Epoch, Sequence: id.Sequence, Row: uint32(row),
		}
	}
	r.rows.Flows = slices.Grow(r.rows.Flows, len(b.Flows))
	for i, f := range b.Flows {
		s := stamp(i, f.Domain, f.VLAN, f.Initiator.Addr, f.Responder.Addr)
		r.rows.Flows = append(r.rows.Flows, store.FlowRow{Stamp: s, Flow: f})
	}
	for i, o := range b.Observations {
		r.rows.Observations = append(r.rows.Observations, store.ObservationRow{Stamp: stamp(i, o.Domain, o.VLAN, o.Subject.Addr), Observation: o})
	}
	for i, f := range b.Findings {
		s := stamp(i, f.Domain, f.VLAN, f.Subject.Addr, f.Peer.Addr)
		r.rows.Findings = append(r.rows.Findings, store.FindingRow{Stamp: s, Finding: f})
	}
	for i, s := range b.Stats {
		r.rows.Stats = append(r.rows.Stats, store.StatsRow{Stamp: stamp(i, s.Domain, s.VLAN), Stats: s})
	}
	for i, l := range b.Losses {
		r.rows.Losses = append(r.rows.Losses, store.LossRow{Stamp: stamp(i, l.Domain, 0), Loss: l})
		// Batches that the sensor gave up will never come: their numbers are no gap any more.
		if l.Batches > 0 && l.FirstSequence > 0 && l.FirstSequence <= l.LastSequence && l.LastSequence < id.Sequence {
			r.see(id, l.FirstSequence, l.LastSequence)
		}
	}
	counts := store.Counts{
		Flows: uint64(len(b.Flows)), Observations: uint64(len(b.Observations)), Findings: uint64(len(b.Findings)),
		Losses: uint64(len(b.Losses)), Stats: uint64(len(b.Stats)),
	}
	r.rows.Batches = append(r.rows.Batches, store.BatchRow{
		Stamp: stamp(0, 0, 0), SealedAt: b.Sealed, Version: model.Text(b.Version), Sealed: counts, Stored: counts,
	})
	r.events += b.Events()
}
