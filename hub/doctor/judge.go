package doctor

import (
	"fmt"
	"io/fs"
	"time"
)

// Level is how bad a check is.
type Level int

// The levels.
const (
	LevelUnset Level = iota
	OK
	Warning // works, with a flaw or not for long
	Fault   // does not work
)

// String is the word that is shown.
func (l Level) String() string {
	switch l {
	case OK:
		return "ok"
	case Warning:
		return "WARNING"
	case Fault:
		return "FAULT"
	}
	return ""
}

// Check is one line of the result.
type Check struct {
	Level  Level  `json:"level"`
	Topic  string `json:"topic"`
	Text   string `json:"text"`
	Remedy string `json:"remedy,omitempty"`
}

// Facts is all that is judged. Parts that do not apply are left zero: a stopped hub has no ingest.
type Facts struct {
	Now          time.Time
	Running      bool
	Data         Data
	Engine       error // why the store does not answer; nil when it does
	Stream       Stream
	Partitions   []Partition
	Quarantine   []Quarantine
	Certificates []Certificate
	Sensors      []Sensor
	Knowledge    []Knowledge
	Unknown      []error // what could not be asked
}

// Data is the data directory.
type Data struct {
	Path        string
	Mode        fs.FileMode
	Free, Total uint64 // bytes of its file system
	Fault       error  // why nothing can be written there
}

// Stream is what holds batches until they are stored.
type Stream struct{ Bytes, MaxBytes uint64 }

// Partition is a part of ingest.
type Partition struct {
	Number   int
	Pending  uint64    // batches not stored
	Received time.Time // when the last stored one came; zero: none since start
	Refused  string    // why the store refuses
	Stopped  string    // why it waits for a person
}

// Quarantine is batches that could not be read.
type Quarantine struct {
	Sensor  string
	Reason  string
	Batches uint64
	Last    time.Time
}

// Certificate is one that ends.
type Certificate struct {
	Name    string
	Expires time.Time
	Remedy  string
}

// Sensor is one that is not well, or well.
type Sensor struct {
	Name, State, Reason string
	Good                bool // nothing to do, or planned
	ClockOffset         time.Duration
	ClockError          time.Duration // 0: not measured
}

// Knowledge is a table with a date.
type Knowledge struct {
	Name string
	Age  time.Duration
}

// Where it is judged that something needs a person.
const (
	fullShare    = 0.10 // of a disk left: the engine cannot merge much longer
	emptyShare   = 0.03
	streamShare  = 0.80
	lagging      = 5 * time.Minute
	soon         = 30 * 24 * time.Hour
	staleAfter   = 90 * 24 * time.Hour
	clockAgainst = 2 * time.Second
	groupOthers  = 0o077
)

// Judge gives one check for each part, and one for each flaw.
func Judge(f *Facts) []Check {
	var out []Check
	out = append(out, data(&f.Data)...)
	if f.Engine != nil {
		out = append(out, Check{Fault, "engine", "the store does not answer: " + f.Engine.Error(), "look at the hub's log; restart the hub, or mend the ClickHouse server that store.dsn names"})
	} else {
		out = append(out, Check{OK, "engine", "the store answers", ""})
	}
	if f.Running {
		out = append(out, ingest(f)...)
	}
	if f.Engine == nil { // else nobody knows
		out = append(out, quarantine(f.Quarantine)...)
	}
	out = append(out, certificates(f)...)
	out = append(out, sensors(f)...)
	out = append(out, knowledge(f)...)
	for _, err := range f.Unknown {
		out = append(out, Check{Fault, "unknown", err.Error(), "look at the hub's log"})
	}
	return out
}

func data(d *Data) []Check {
	var out []Check
	if d.Fault != nil {
		out = append(out, Check{Fault, "data", d.Path + " cannot be written: " + d.Fault.Error(), "give the folder to the user that the hub runs as"})
	}
	if d.Mode.Perm()&groupOthers != 0 {
		out = append(out, Check{Warning, "data", fmt.Sprintf("%s has mode %04o: others on this machine can reach the authority's key", d.Path, d.Mode.Perm()), "chmod 700 " + d.Path})
	}
	free := share(d.Free, d.Total)
	text := fmt.Sprintf("%.1f GiB of %.1f GiB are free at %s", gib(d.Free), gib(d.Total), d.Path)
	remedy := "free or add space, or shorten store.retention; sensors keep their batches meanwhile"
	switch {
	case d.Total == 0:
	case free < emptyShare:
		out = append(out, Check{Fault, "space", text, remedy})
	case free < fullShare:
		out = append(out, Check{Warning, "space", text, remedy})
	default:
		out = append(out, Check{OK, "space", text, ""})
	}
	return out
}

func ingest(f *Facts) []Check {
	var out []Check
	full := share(f.Stream.Bytes, f.Stream.MaxBytes)
	stream := Check{OK, "stream", fmt.Sprintf("%.0f %% full", 100*full), ""}
	if full > streamShare {
		stream = Check{Warning, "stream", fmt.Sprintf("%.0f %% full: soon sensors have to keep their batches", 100*full), "see the lines on ingest; raise nats.max_bytes if all is well there"}
	}
	out = append(out, stream)
	pending, bad := uint64(0), 0
	for _, p := range f.Partitions {
		pending += p.Pending
		switch {
		case p.Stopped != "":
			out = append(out, Check{Fault, "ingest", fmt.Sprintf("partition %d waits for a person: %s", p.Number, p.Stopped), "do not delete anything; restore a backup, or ask support with the hub's log"})
		case p.Refused != "":
			out = append(out, Check{Fault, "ingest", fmt.Sprintf("partition %d: the store refuses: %s", p.Number, p.Refused), "mend the store; the group is stored by itself then, nothing is lost"})
		case p.Pending > 0 && !p.Received.IsZero() && f.Now.Sub(p.Received) > lagging:
			out = append(out, Check{Warning, "ingest", fmt.Sprintf("partition %d is %s behind, with %d batches waiting", p.Number, f.Now.Sub(p.Received).Round(time.Second), p.Pending),
				"see whether the machine is busy; raise store.max_memory or move the store to a server"})
		default:
			continue
		}
		bad++
	}
	if bad == 0 {
		out = append(out, Check{OK, "ingest", fmt.Sprintf("%d batches wait to be stored", pending), ""})
	}
	return out
}

func quarantine(list []Quarantine) []Check {
	if len(list) == 0 {
		return []Check{{OK, "quarantine", "empty", ""}}
	}
	var out []Check
	for _, q := range list {
		out = append(out, Check{Warning, "quarantine", fmt.Sprintf("%d batches of sensor %s, the last on %s: %s", q.Batches, q.Sensor, q.Last.UTC().Format(time.DateTime), q.Reason),
			"a newer schema: upgrade the hub, then wardscope sensors quarantine retake; else look at the sensor. The batches are kept for 90 days"})
	}
	return out
}

func certificates(f *Facts) []Check {
	var out []Check
	for _, c := range f.Certificates {
		left := c.Expires.Sub(f.Now)
		switch {
		case left <= 0:
			out = append(out, Check{Fault, "certificate", fmt.Sprintf("%s expired on %s", c.Name, c.Expires.UTC().Format(time.DateOnly)), c.Remedy})
		case left < soon:
			out = append(out, Check{Warning, "certificate", fmt.Sprintf("%s expires on %s", c.Name, c.Expires.UTC().Format(time.DateOnly)), c.Remedy})
		}
	}
	if len(out) == 0 && len(f.Certificates) > 0 {
		out = append(out, Check{OK, "certificate", fmt.Sprintf("all %d are valid for more than 30 days", len(f.Certificates)), ""})
	}
	return out
}

func sensors(f *Facts) []Check {
	var out []Check
	for _, s := range f.Sensors {
		if !s.Good {
			out = append(out, Check{Warning, "sensor", fmt.Sprintf("%s is %s: %s", s.Name, s.State, s.Reason), "run `wardscope-sensor check` there; `wardscope sensors list` has the details"})
		}
		if s.ClockError > 0 && s.ClockOffset.Abs() > clockAgainst+s.ClockError {
			out = append(out, Check{Warning, "clock", fmt.Sprintf("%s: its clock is %s from the hub's", s.Name, s.ClockOffset.Round(time.Millisecond)), "set its clock, or the hub's, by a time server"})
		}
	}
	if len(out) == 0 && len(f.Sensors) > 0 {
		out = append(out, Check{OK, "sensor", fmt.Sprintf("all %d are well, or paused on purpose", len(f.Sensors)), ""})
	}
	return out
}

func knowledge(f *Facts) []Check {
	var out []Check
	for _, k := range f.Knowledge {
		if k.Age > staleAfter {
			out = append(out, Check{Warning, "knowledge", fmt.Sprintf("%s is %d days old", k.Name, int(k.Age.Hours()/24)), "import a newer pack with `wardscope knowledge import`, or upgrade the hub"})
		}
	}
	if len(out) == 0 && len(f.Knowledge) > 0 {
		out = append(out, Check{OK, "knowledge", fmt.Sprintf("all %d tables are newer than 90 days", len(f.Knowledge)), ""})
	}
	return out
}

// Worst is the highest level.
func Worst(list []Check) Level {
	worst := OK
	for _, c := range list {
		worst = max(worst, c.Level)
	}
	return worst
}

func share(part, whole uint64) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}

func gib(n uint64) float64 { return float64(n) / (1 << 30) }
