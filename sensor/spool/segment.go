package spool

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"

	"github.com/wardscope/wardscope/internal/event"
	"github.com/wardscope/wardscope/internal/model"
)

// A segment file is a header page, a page of marks with one byte a record, and records end to
// end. Each record is a header and the batch as it goes to the hub; either has a CRC32C of its
// own, so that a rotten batch can still be named. All numbers are little endian. Marks are
// overwritten in place, which needs no space on a full disk.
const (
	pageBytes     = 4096
	recordsAt     = 2 * pageBytes
	maxRecords    = pageBytes
	headerBytes   = 48
	idBytes       = 32 // model.CheckID allows no longer ones
	segmentMagic  = "WSPOOL1\n"
	recordMagic   = "WREC"
	segmentSuffix = ".seg"
	flagTells     = 1 // the batch carries losses that the state file still holds
	scanChunk     = 64 << 10
)

// Marks. Any other byte is damage, and taken as handedOut: such a batch is sent again, which the
// hub knows how to drop, and never shed.
const (
	markWaiting   = 0x00
	markHandedOut = 0x5a
	markDone      = 0xc3 // acknowledged, or shed and in the account
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// entry is where a batch lies.
type entry struct {
	epoch, sequence uint64
	put             int64 // Unix nanoseconds
	segment         *segment
	offset          int64 // of the record
	length          uint32
	events          uint32
	checksum        uint32 // of the payload
	flags           uint16
	index           uint16 // in the page of marks
	mark            byte
	unsynced        bool // not handed out before it would survive a power cut
	away            bool // handed out by this process
	gone            bool // done; lanes pass over it
}

// segment is a file of records.
type segment struct {
	number  uint64
	path    string
	size    int64
	entries []*entry
	live    int // entries that are not done
	away    int // handed out by this process or by one before it
}

func segmentPath(dir string, number uint64) string {
	return filepath.Join(dir, fmt.Sprintf("%016x%s", number, segmentSuffix))
}

// segmentHead is the first page.
func segmentHead(number uint64, site model.SiteID, sensor model.SensorID) []byte {
	page := make([]byte, recordsAt)
	copy(page, segmentMagic)
	binary.LittleEndian.PutUint64(page[8:], number)
	copy(page[16:16+idBytes], site)
	copy(page[16+idBytes:16+2*idBytes], sensor)
	binary.LittleEndian.PutUint32(page[16+2*idBytes:], crc32.Checksum(page[:16+2*idBytes], castagnoli))
	return page
}

// segmentOwner reads whose batches a segment holds; ok is false when the page is damaged.
func segmentOwner(page []byte) (number uint64, site model.SiteID, sensor model.SensorID, ok bool) {
	const end = 16 + 2*idBytes
	if len(page) < end+4 || string(page[:8]) != segmentMagic || binary.LittleEndian.Uint32(page[end:]) != crc32.Checksum(page[:end], castagnoli) {
		return 0, "", "", false
	}
	text := func(b []byte) string { return string(bytes.TrimRight(b, "\x00")) }
	return binary.LittleEndian.Uint64(page[8:]), model.SiteID(text(page[16 : 16+idBytes])), model.SensorID(text(page[16+idBytes : end])), true
}

// recordHead writes a record's header. Its checksum covers the segment's number too, so that the
// stale blocks of another file are never taken for records of this one.
func recordHead(out []byte, e *entry) {
	copy(out, recordMagic)
	binary.LittleEndian.PutUint16(out[4:], e.flags)
	binary.LittleEndian.PutUint16(out[6:], e.index)
	binary.LittleEndian.PutUint32(out[8:], e.length)
	binary.LittleEndian.PutUint32(out[12:], e.events)
	binary.LittleEndian.PutUint64(out[16:], e.epoch)
	binary.LittleEndian.PutUint64(out[24:], e.sequence)
	binary.LittleEndian.PutUint64(out[32:], uint64(e.put))
	binary.LittleEndian.PutUint32(out[40:], e.checksum)
	binary.LittleEndian.PutUint32(out[44:], headSum(out, e.segment.number))
}

func headSum(head []byte, number uint64) uint32 {
	var salt [8]byte
	binary.LittleEndian.PutUint64(salt[:], number)
	return crc32.Update(crc32.Checksum(salt[:], castagnoli), castagnoli, head[:44])
}

func readHead(head []byte, number uint64) (e *entry, ok bool) {
	if len(head) < headerBytes || string(head[:4]) != recordMagic || binary.LittleEndian.Uint32(head[44:]) != headSum(head, number) {
		return nil, false
	}
	e = &entry{
		flags: binary.LittleEndian.Uint16(head[4:]), index: binary.LittleEndian.Uint16(head[6:]), length: binary.LittleEndian.Uint32(head[8:]), events: binary.LittleEndian.Uint32(head[12:]),
		epoch: binary.LittleEndian.Uint64(head[16:]), sequence: binary.LittleEndian.Uint64(head[24:]), put: int64(binary.LittleEndian.Uint64(head[32:])),
		checksum: binary.LittleEndian.Uint32(head[40:]),
	}
	return e, e.length <= event.MaxCompressed && e.sequence > 0 && e.index < maxRecords
}

// scanned is what a scan says besides the entries.
type scanned struct {
	end     int64  // of the last whole record
	damaged bool   // something before it could not be read
	torn    *entry // the last record, iff its header is whole and its batch is cut short
}

// scan finds the records of a segment. Damage is passed over up to the next whole record.
func scan(file io.ReaderAt, size int64, s *segment) (scanned, error) {
	head := make([]byte, headerBytes)
	out := scanned{end: recordsAt}
	for at := int64(recordsAt); at < size && len(s.entries) < maxRecords; {
		n, err := file.ReadAt(head, at)
		if err != nil && !errors.Is(err, io.EOF) {
			return out, fmt.Errorf("read segment: %w", err)
		}
		e, ok := readHead(head[:n], s.number)
		if ok && at+headerBytes+int64(e.length) <= size {
			e.segment, e.offset = s, at
			s.entries = append(s.entries, e)
			at += headerBytes + int64(e.length)
			out.end = at
			continue
		}
		next, err := seek(file, at+1, size, s.number)
		if err != nil {
			return out, err
		}
		if next == size { // nothing follows: the tail was torn
			if ok {
				out.torn = e
			}
			break
		}
		out.damaged = true
		at = next
	}
	return out, nil
}

// seek finds where the next record begins, or size.
func seek(file io.ReaderAt, from, size int64, number uint64) (int64, error) {
	chunk := make([]byte, scanChunk+headerBytes)
	for at := from; at < size; at += scanChunk {
		n, err := file.ReadAt(chunk, at)
		if err != nil && !errors.Is(err, io.EOF) {
			return 0, fmt.Errorf("read segment: %w", err)
		}
		for i := 0; i < n && i < scanChunk; i++ {
			found := bytes.Index(chunk[i:n], []byte(recordMagic))
			if found < 0 {
				break
			}
			i += found
			if e, ok := readHead(chunk[i:n], number); ok && at+int64(i)+headerBytes+int64(e.length) <= size {
				return at + int64(i), nil
			}
		}
	}
	return size, nil
}

// errRotten says that a batch cannot be read back as it was written.
var errRotten = errors.New("batch is damaged on disk")

// payload reads a batch back and checks it.
func (e *entry) payload() ([]byte, error) {
	file, err := os.Open(e.segment.path)
	if err != nil {
		return nil, fmt.Errorf("open segment: %w", err)
	}
	defer func() { _ = file.Close() }() // nothing was written
	data := make([]byte, e.length)
	if _, err := file.ReadAt(data, e.offset+headerBytes); err != nil {
		return nil, fmt.Errorf("read batch %d: %w", e.sequence, err)
	}
	if rotten(data, e.checksum) {
		return nil, errRotten
	}
	return data, nil
}

// setMarks writes the marks of n records beginning with e, which follow each other.
func (e *entry) setMarks(mark byte, n int, durable bool) error {
	file, err := os.OpenFile(e.segment.path, os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("mark batch: %w", err)
	}
	_, err = file.WriteAt(bytes.Repeat([]byte{mark}, n), pageBytes+int64(e.index))
	if err == nil && durable {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("mark batch: %w", err)
	}
	return nil
}
