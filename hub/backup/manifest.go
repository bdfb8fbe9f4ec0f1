package backup

import (
	"errors"
	"time"
)

// format is the version of the file's layout.
const format = 1

// Names in the file. Below authorityDir and knowledgeDir lie the files of a folder each.
const (
	storeName    = "store.tar.zst"
	stateName    = "state.json"
	batchesName  = "batches.jsonl"
	authorityDir = "ca/"
	knowledgeDir = "knowledge/"
	manifestName = "manifest.json" // last: a file without one was cut off
)

// Manifest says what a backup holds.
type Manifest struct {
	Format   int               `json:"format"`
	Version  string            `json:"version"` // of the hub that wrote it
	Made     time.Time         `json:"made"`    // the moment that it is of
	Rows     map[string]uint64 `json:"rows"`    // by table that ingest writes
	Batches  uint64            `json:"batches"` // taken from sensors and not yet stored
	Entries  int               `json:"entries"` // documents of control state and journal
	Checksum map[string]string `json:"sha256"`  // by name, hexadecimal
	Paused   time.Duration     `json:"paused"`  // for how long ingest stood still, nanoseconds
	Bytes    int64             `json:"-"`       // of the file
	Path     string            `json:"-"`
}

// ErrDamaged says that a file is no backup, or not a whole one.
var ErrDamaged = errors.New("not a whole backup")

// ErrNotEmpty says that a folder to restore into holds something.
var ErrNotEmpty = errors.New("not empty")
