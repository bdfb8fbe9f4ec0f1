package spool

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/wardscope/wardscope/internal/model"
)

// Fsync says when what was written is made to survive a power cut. A batch is handed out only
// after that, so the interval is also the shortest delay of fresh data. Zero: after each batch.
type Fsync time.Duration

// UnmarshalText reads "batch" or a duration.
func (f *Fsync) UnmarshalText(text []byte) error {
	if strings.TrimSpace(string(text)) == "batch" {
		*f = 0
		return nil
	}
	d, err := time.ParseDuration(strings.TrimSpace(string(text)))
	if err != nil || d <= 0 || d > time.Minute {
		return errors.New(`"batch" or a duration up to 1m, such as 200ms`)
	}
	*f = Fsync(d)
	return nil
}

// MarshalText writes what UnmarshalText reads.
func (f Fsync) MarshalText() ([]byte, error) {
	if f == 0 {
		return []byte("batch"), nil
	}
	return []byte(time.Duration(f).String()), nil
}

// Config says where a Queue lies and how large it may grow.
type Config struct {
	Dir      string
	Site     model.SiteID
	Sensor   model.SensorID
	Version  string        // of the sensor, for closing batches
	MaxBytes int64         // on disk, all files together
	Fsync    Fsync         //
	FreshFor time.Duration // a batch that waited longer joins the backlog
	Reach    time.Duration // how far back the sensor's memory goes: what an unclean stop can cost
}

// DefaultConfig has the sizes and times; where and who must still be set.
func DefaultConfig() Config {
	return Config{MaxBytes: 8 << 30, FreshFor: 30 * time.Second, Reach: 305 * time.Second}
}

// minBytes holds sixteen segments of a few batches. A ceiling for real use has room for all that
// may be in flight: that is for the program to ask for.
const minBytes = 1 << 20

// Validate reports all faults at once.
func (c Config) Validate() error {
	var errs []error
	if c.Dir == "" {
		errs = append(errs, errors.New("spool.dir: is empty"))
	}
	if c.MaxBytes < minBytes {
		errs = append(errs, fmt.Errorf("spool.max_bytes: %d is under 1 MiB", c.MaxBytes))
	}
	if c.Fsync < 0 || c.FreshFor <= 0 || c.Reach < 0 {
		errs = append(errs, errors.New("spool: times must be positive"))
	}
	errs = append(errs, model.CheckID("site", string(c.Site)), model.CheckID("sensor", string(c.Sensor)))
	return errors.Join(errs...)
}

// segmentBytes is how large a segment grows: shedding frees space by whole segments.
func (c Config) segmentBytes() int64 { return min(c.MaxBytes/16, 16<<20) }
