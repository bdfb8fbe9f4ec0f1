package spool

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"

	"github.com/wardscope/wardscope/internal/model"
)

// Counter is what a source had counted, told when the sensor was stopped without warning.
type Counter struct {
	Domain  model.DomainID
	Packets uint64
}

// state is what must outlast the process beside the batches. It is small and written whole.
type state struct {
	Generation uint64
	Epoch      uint64   // the last one given out
	Running    *running // nil after a clean stop
	Epochs     []epochState
}

// running is the process that has the folder open.
type running struct {
	Started, Alive int64 // Unix nanoseconds; Alive is the last time that it said so
	Counters       []Counter
}

// epochState is what is known of one boot's batches.
type epochState struct {
	Epoch  uint64
	High   uint64       // the highest sequence seen
	Done   spans        // acknowledged, or told as lost by a batch
	Losses []model.Loss // not yet told
}

// stateFile writes to two slots in turn, so that a torn write leaves the one before. Slots are
// filled to their size when made, and overwritten in place, which works on a full disk.
type stateFile struct {
	dir        string
	generation uint64
}

const (
	slotBytes  = 64 << 10 // to begin with; about 500 boots with batches waiting
	stateMagic = "WSTATE1 "
)

func (f *stateFile) slot(generation uint64) string {
	return filepath.Join(f.dir, fmt.Sprintf("state.%d", generation%2))
}

// load returns the newest whole state; found tells whether there was any.
func (f *stateFile) load() (s state, found bool, err error) {
	for i := range uint64(2) {
		raw, err := os.ReadFile(f.slot(i))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return s, false, fmt.Errorf("read spool state: %w", err)
		}
		if one, ok := parseState(raw); ok && (!found || one.Generation > s.Generation) {
			s, found = one, true
		}
	}
	f.generation = s.Generation
	return s, found, nil
}

func parseState(raw []byte) (s state, ok bool) {
	var sum, length uint32
	const head = len(stateMagic) + 18
	if len(raw) < head || string(raw[:len(stateMagic)]) != stateMagic {
		return s, false
	}
	if n, err := fmt.Sscanf(string(raw[len(stateMagic):head]), "%08x %08x\n", &sum, &length); n != 2 || err != nil {
		return s, false
	}
	if uint64(length) > uint64(len(raw)-head) {
		return s, false
	}
	text := raw[head : head+int(length)]
	if crc32.Checksum(text, castagnoli) != sum || json.Unmarshal(text, &s) != nil {
		return state{}, false
	}
	return s, true
}

// save writes the state so that it survives a power cut. Twice writes both slots: before a file
// is removed, no slot may be left that does not know what was in it.
func (f *stateFile) save(s state, twice bool) error {
	for range 1 + b2i(twice) {
		s.Generation = f.generation + 1
		text, err := json.Marshal(s)
		if err != nil {
			return fmt.Errorf("write spool state: %w", err)
		}
		raw := fmt.Appendf(nil, "%s%08x %08x\n%s", stateMagic, crc32.Checksum(text, castagnoli), len(text), text)
		if err := f.write(f.slot(s.Generation), raw); err != nil {
			return fmt.Errorf("write spool state: %w", err)
		}
		f.generation = s.Generation
	}
	return nil
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (f *stateFile) write(path string, raw []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err == nil && info.Size() < slotBytes {
		padded := make([]byte, max(slotBytes, len(raw)))
		copy(padded, raw)
		raw = padded
	}
	if err == nil {
		_, err = file.WriteAt(raw, 0)
	}
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// syncDir makes the names in a folder survive a power cut.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	return nil
}
