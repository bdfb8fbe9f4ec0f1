package ingest

import (
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/wardscope/wardscope/internal/model"
)

// Record is the journal of one partition: the only truth about what is stored and what is under
// way. It is changed by compare-and-set alone.
type Record struct {
	Created    time.Time `json:"created"`    // of the stream; another time means another stream under the same name
	Generation uint64    `json:"generation"` // how often sequence numbers lost their meaning
	Committed  uint64    `json:"committed"`  // stream sequence up to which all is stored
	LastID     string    `json:"last_id"`    // of the message at Committed; "" when there has been none
	Group      *Group    `json:"group,omitempty"`
	Owner      string    `json:"owner"` // who wrote the record; for people
	// Seen holds the batch numbers that are stored, by "sensor/epoch". It has no time limit, so a
	// sensor may send again what it sent weeks ago.
	Seen map[string]Ranges `json:"seen,omitempty"`
}

// Group is the set of messages that is being stored: all of the partition from First to Last.
type Group struct {
	First  uint64 `json:"first"`
	Last   uint64 `json:"last"`
	N      int    `json:"n"`      // messages that are not duplicates
	Hash   string `json:"hash"`   // over their identities
	Realms uint64 `json:"realms"` // revision of the sites declaration that they are stamped with
}

// maxEpochs bounds the boots of one sensor that are remembered.
const maxEpochs = 1000

func seenKey(id model.BatchID) string {
	return string(id.Sensor) + "/" + strconv.FormatUint(id.Epoch, 10)
}

// token names the group for the store. Created and generation are in it because sequence numbers
// can come again: after a stream was made anew, or lost its tail in a power cut.
func (r *Record) token(p int, g Group) string {
	parts := []string{
		strconv.FormatInt(r.Created.UnixNano(), 36), strconv.FormatUint(r.Generation, 10), strconv.Itoa(p),
		strconv.FormatUint(g.First, 10) + "-" + strconv.FormatUint(g.Last, 10), g.Hash,
	}
	return strings.Join(parts, "/")
}

// admits reports whether the batch number can be remembered; if not, why not.
func admits(seen map[string]Ranges, id model.BatchID) (reason string) {
	key := seenKey(id)
	if r, ok := seen[key]; ok {
		if len(r.Add(id.Sequence, id.Sequence)) > maxRanges {
			return "too many gaps between the numbers of this sensor's batches"
		}
		return ""
	}
	epochs := 0
	for k := range seen {
		if strings.HasPrefix(k, string(id.Sensor)+"/") {
			epochs++
		}
	}
	if epochs >= maxEpochs {
		return "too many restarts of this sensor"
	}
	return ""
}

// after returns the record with the group committed. The receiver is not changed: whoever loses
// the compare-and-set must forget all.
func (r *Record) after(g Group, read *reading) Record {
	next := *r
	next.Group = nil
	next.Committed, next.LastID = g.Last, read.lastID
	next.Seen = read.seen
	return next
}

func cloneSeen(seen map[string]Ranges) map[string]Ranges {
	if seen == nil {
		return map[string]Ranges{}
	}
	return maps.Clone(seen) // Ranges are never changed in place
}
