package row

import (
	"time"

	"github.com/wardscope/wardscope/internal/model"
)

// Stamp is what ingest adds to each event.
type Stamp struct {
	Site   model.SiteID
	Realm  model.Realm
	Sensor model.SensorID
	// Receive is the time at which the hub's stream stored the batch: the same
	// on replay. Partitions, retention and tokens go by its UTC day.
	Receive time.Time
	// ClockOffset is the sensor's clock minus the hub's, nanoseconds; event
	// times are stored as the sensor said them, aggregates use the corrected.
	ClockOffset int64
	Epoch       uint64
	Sequence    uint64
	// Row is the event's position among those of its kind in its batch: with
	// sensor, epoch and sequence it names the row.
	Row uint32
}

// FlowRow is a flow as it is stored.
type FlowRow struct {
	Stamp
	model.Flow
}

// ObservationRow is an observation as it is stored.
type ObservationRow struct {
	Stamp
	model.Observation
}

// FindingRow is a sensor's finding as it is stored.
type FindingRow struct {
	Stamp
	model.Finding
}

// StatsRow is a coverage record as it is stored.
type StatsRow struct {
	Stamp
	model.Stats
}

// LossRow is a loss record as it is stored.
type LossRow struct {
	Stamp
	model.Loss
}

// Counts counts events by kind.
type Counts struct {
	Flows, Observations, Findings, Losses, Stats uint64
}

// Total is the sum over all kinds.
func (c Counts) Total() uint64 { return c.Flows + c.Observations + c.Findings + c.Losses + c.Stats }

// BatchRow is the ledger's line for one batch: Sealed = Stored + Dropped, by kind.
type BatchRow struct {
	Stamp
	SealedAt int64  // Unix nanoseconds, the sensor's clock
	Version  string // of the sensor
	Sealed   Counts // what the batch held
	Stored   Counts // rows that ingest made of it
	Dropped  uint64 // events left out, with Reason
	Reason   string // valid iff Dropped > 0 or the batch is in quarantine
}

// QuarantineRow is a batch that could not be read: kept whole, for a person.
// Site and sensor are those of its subject, epoch and sequence of its header,
// 0 when that was unreadable too.
type QuarantineRow struct {
	Stamp
	Reason  string
	Payload []byte
}

// Group is what one step of ingest stores. Its rows go in as given, in one
// block for each table and receive day; the same Group must hold the same rows
// in the same order each time it is inserted.
type Group struct {
	// Token names the group: "created/generation/partition/first-last/hash".
	Token        string
	Flows        []FlowRow
	Observations []ObservationRow
	Findings     []FindingRow
	Stats        []StatsRow
	Losses       []LossRow
	Batches      []BatchRow
	Quarantine   []QuarantineRow
}

// AuditRow is one line of the audit: who did what.
type AuditRow struct {
	Time    time.Time
	Actor   string // user or token name
	Role    string
	Remote  string // address of the caller
	Method  string // API method or command
	Site    model.SiteID
	Object  string
	Outcome string // "ok", "refused", "error"
	Detail  string
}

// Device is a device as the inventory concluded it. Document is the whole
// record with its evidence, JSON, opaque to the store; the other fields are
// what lists filter and sort by. A device is named by ID; a row with a higher Version
// replaces the older one, and one with Removed takes it away.
type Device struct {
	ID           string
	Version      uint64
	Removed      bool
	Site         model.SiteID
	Realm        model.Realm
	Name         string
	Category     string
	Type         string
	Vendor       string
	Model        string
	OS           string
	OSSupport    string // "supported", "past", "" unknown
	Serial       string
	Role         string
	Department   string
	Confidence   float32 // 0 to 1, of Type
	Addrs        []model.Addr
	MACs         []model.MAC
	VLANs        []uint16
	First, Last  time.Time
	Behind       string // device id of the gateway; "" when not behind one
	Document     string
	RegisterOnly bool // known from an imported register, seen by no sensor
}

// Binding says which device an endpoint was, from when to when; a zero To
// means that it still is.
type Binding struct {
	Version  uint64
	Removed  bool
	Site     model.SiteID
	Realm    model.Realm
	Subject  model.Subject
	From, To time.Time
	Device   string // device id
	Reason   string // why, for people
}
