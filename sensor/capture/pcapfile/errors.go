package pcapfile

import (
	"fmt"

	"github.com/wardscope/wardscope/sensor/capture"
)

// NotCaptureError says that a file is not a capture at all.
type NotCaptureError struct{ File, Why string }

func (e *NotCaptureError) Error() string {
	return fmt.Sprintf("%s: not a capture file: %s", e.File, e.Why)
}

// DamagedError says that a capture file ends or breaks within a record. All frames before it were delivered.
type DamagedError struct {
	File    string
	Packets uint64 // delivered from this file
	Offset  int64  // of the bad record, in bytes of the (uncompressed) file
	Why     string // "" when the file just ends
	Err     error  // the read fault behind it, or nil
}

func (e *DamagedError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("%s: unreadable after %d packets at offset %d: %v", e.File, e.Packets, e.Offset, e.Err)
	}
	if e.Why == "" {
		return fmt.Sprintf("%s: truncated after %d packets at offset %d", e.File, e.Packets, e.Offset)
	}
	return fmt.Sprintf("%s: damaged after %d packets at offset %d: %s", e.File, e.Packets, e.Offset, e.Why)
}

func (e *DamagedError) Unwrap() error { return e.Err }

// LinkTypeError says that a file's frames are of a kind that package decode does not read.
type LinkTypeError struct {
	File string
	Type capture.LinkType
}

func (e *LinkTypeError) Error() string {
	return fmt.Sprintf("%s: unsupported link type %d", e.File, uint16(e.Type))
}
