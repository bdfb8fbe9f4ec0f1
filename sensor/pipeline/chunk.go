package pipeline

import (
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/track"
)

// chunk carries events from a shard to the sealer.
type chunk struct {
	flows        []model.Flow
	observations []model.Observation
	findings     []model.Finding
	losses       []model.Loss
	buckets      []track.Bucket
	operations   []model.Operation // of flows
}

func (c *chunk) events() int {
	return len(c.flows) + len(c.observations) + len(c.findings) + len(c.losses) + len(c.buckets)
}

func (c *chunk) reset() {
	c.flows, c.observations, c.findings = c.flows[:0], c.observations[:0], c.findings[:0]
	c.losses, c.buckets, c.operations = c.losses[:0], c.buckets[:0], c.operations[:0]
}

// chunkEvents is how many events a shard gathers before it hands them over; it also does so
// once a second.
const chunkEvents = 256

// chunks is a shard's end of the queue to the sealer.
type chunks struct {
	open    *chunk
	full    chan<- *chunk
	free    <-chan *chunk
	wait    bool // a capture file can wait, a mirror port cannot
	dropped model.Loss
	last    int64 // time of the latest event, for the loss record
}

// Observation takes a claim.
func (c *chunks) Observation(o *model.Observation) {
	c.open.observations = append(c.open.observations, *o)
	c.last = o.Last
	c.more()
}

// Finding takes a weakness.
func (c *chunks) Finding(f *model.Finding) {
	c.open.findings = append(c.open.findings, *f)
	c.last = f.Last
	c.more()
}

// Flow takes a record; its operations are copied.
func (c *chunks) Flow(f *model.Flow) {
	row := *f
	from := len(c.open.operations)
	c.open.operations = append(c.open.operations, f.Operations...)
	row.Operations = c.open.operations[from:len(c.open.operations):len(c.open.operations)]
	c.open.flows = append(c.open.flows, row)
	c.last = f.End
	c.more()
}

// Loss takes a loss.
func (c *chunks) Loss(l *model.Loss) {
	c.open.losses = append(c.open.losses, *l)
	c.more()
}

// Bucket takes statistics.
func (c *chunks) Bucket(b *track.Bucket) {
	c.open.buckets = append(c.open.buckets, *b)
	c.more()
}

func (c *chunks) more() {
	if c.open.events() >= chunkEvents {
		c.hand()
	}
}

// hand gives the open chunk to the sealer. When the sealer has fallen behind a live source, the
// chunk's events are dropped and counted, and the count travels with the next one.
func (c *chunks) hand() {
	if c.open.events() == 0 && c.dropped.Events == 0 {
		return
	}
	if c.dropped.Events > 0 {
		c.open.losses = append(c.open.losses, c.dropped)
	}
	if c.wait {
		c.full <- c.open
		c.open = <-c.free
		c.dropped = model.Loss{}
		return
	}
	select {
	case next := <-c.free:
		c.full <- c.open // has room: there are never more chunks than the queue holds
		c.open, c.dropped = next, model.Loss{}
	default:
		c.drop()
	}
}

// end hands over what is left. The source has ended, so there is time to wait, and no later
// chunk could carry the count of what was dropped.
func (c *chunks) end() {
	c.wait = true
	c.hand()
}

func (c *chunks) drop() {
	d, open := &c.dropped, c.open
	carried := len(open.losses)
	if d.Events > 0 {
		carried-- // the record of earlier drops, appended by hand
	}
	if d.Events == 0 {
		*d = model.Loss{Place: model.PlaceObserve, Reason: "events came faster than they could be sealed", First: c.last}
	}
	d.Last = max(d.Last, c.last)
	d.Events += uint64(len(open.flows) + len(open.observations) + len(open.findings) + len(open.buckets) + carried)
	open.reset()
}
