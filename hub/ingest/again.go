package ingest

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/internal/subject"
)

// A batch that comes out of quarantine goes through the stream once more, so that all that makes
// ingest exact holds for it. The journal remembers it apart: its number was seen when it came first.
const (
	againHeader = "Wardscope-Again" // the proof that a hub sent it
	againPrefix = "again/"          // of its Nats-Msg-Id: the server knows the plain one for some minutes
	againSeen   = "again:"          // of its key in the journal
	ofCounted   = "counted "        // before the proof: its number is in the ledger already
	ofUncounted = "uncounted "      // it is not
)

// ErrUnreadable says that this version of the hub cannot read a batch either.
var ErrUnreadable = errors.New("still cannot be read")

// Again puts a batch from quarantine into the stream once more, durably when it returns. Doing it
// twice changes nothing. ErrUnreadable when this version cannot read it. Counted says whether its
// number is in the ledger.
func (in *Ingest) Again(ctx context.Context, id model.BatchID, counted bool, payload []byte) error {
	if err := in.readable(ctx, id, payload); err != nil {
		return err
	}
	key, err := in.deps.State.AgainKey(ctx)
	if err != nil {
		return err
	}
	class := ofUncounted
	if counted {
		class = ofCounted
	}
	name := againPrefix + subject.MessageID(id)
	msg := nats.NewMsg(subject.Events(id.Site, id.Sensor))
	msg.Data = payload
	msg.Header.Set(againHeader, class+proof(key, class, id.Site, name))
	if _, err := in.deps.JetStream.PublishMsg(ctx, msg, jetstream.WithMsgID(name)); err != nil {
		return fmt.Errorf("put batch %s into the stream again: %w", subject.MessageID(id), err)
	}
	return nil
}

// readable reads a batch as ingest would.
func (in *Ingest) readable(ctx context.Context, id model.BatchID, payload []byte) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case c := <-in.slots:
		defer func() { in.slots <- c }()
		b, err := (&reading{codec: c}).decode(payload)
		switch {
		case err != nil:
			return fmt.Errorf("%w: %w", ErrUnreadable, err)
		case b.ID != id:
			return fmt.Errorf("%w: it says it is %s/%s", ErrUnreadable, b.ID.Site, subject.MessageID(b.ID))
		}
		return nil
	}
}

func proof(key []byte, class string, site model.SiteID, name string) string {
	mac := hmac.New(sha256.New, key)
	_, _ = mac.Write([]byte(class + string(site) + "\n" + name)) // a hash never fails
	return hex.EncodeToString(mac.Sum(nil))
}

// again says whether a message is a batch that a hub took out of quarantine, and gives it its plain id.
func (r *reading) again(m *message, site model.SiteID) (class string) {
	if m.again == "" || !strings.HasPrefix(m.id, againPrefix) {
		return ""
	}
	for _, class := range []string{ofCounted, ofUncounted} {
		if got, ok := strings.CutPrefix(m.again, class); ok && hmac.Equal([]byte(got), []byte(proof(r.key, class, site, m.id))) {
			return class
		}
	}
	return ""
}

// takeAgain stores a batch from quarantine, if it is not stored yet. One that cannot be read is left
// out: it is in quarantine.
func (r *reading) takeAgain(m message, id model.BatchID, class string) {
	key, seen := againSeen+seenKey(id), r.seen[seenKey(id)]
	next := r.seen[key].Add(id.Sequence, id.Sequence)
	batch, err := r.decode(m.data)
	if r.seen[key].Has(id.Sequence) || class == ofUncounted && seen.Has(id.Sequence) || len(next) > maxRanges || err != nil || batch.ID != id {
		r.duplicates++
		return
	}
	r.seen[key] = next
	r.see(id, id.Sequence, id.Sequence)
	r.keep(m, batch)
}

// knowAgain reads the secret of batches out of quarantine, until it is known or the context ends.
func (in *Ingest) knowAgain(ctx context.Context) []byte {
	for pause := in.cfg.RetryMin; ctx.Err() == nil; pause = min(2*pause, in.cfg.RetryMax) {
		try, cancel := context.WithTimeout(ctx, 10*time.Second)
		key, err := in.deps.State.AgainKey(try)
		cancel()
		if err == nil {
			return key
		}
		sleep(ctx, jitter(pause))
	}
	return nil
}
