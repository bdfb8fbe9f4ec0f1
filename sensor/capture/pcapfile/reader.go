package pcapfile

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	fastgzip "github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/capture"
)

// maxRecord bounds a record's captured bytes: libpcap's MAXIMUM_SNAPLEN for all link types but a few is 262144.
const maxRecord = 256 << 10

// Reader reads capture files one after the other. Its zero value is not usable: see New.
type Reader struct {
	files  []string
	next   int // index of the file to open next
	domain model.DomainID
	stdin  io.Reader

	name    string
	closers []func() error
	buf     buffer
	read    func(*Reader, *capture.Frame) error // nil when no file is open
	order   binary.ByteOrder
	big     bool
	packets uint64 // of the current file
	section int64  // offset at which the current record begins

	fraction int64 // pcap: nanoseconds a unit of the fraction field
	link     capture.LinkType
	header   int         // pcap: bytes of a record header; pcapng: 0
	ifaces   []ifaceInfo // pcapng: of the current section
	base     int         // pcapng: number of the section's first interface

	stats capture.Stats
}

var _ capture.Grouper = (*Reader)(nil)

// New makes a Reader of the named files, in this order; "-" is standard input. Frames carry the
// observation domain. Nothing is opened before the first Next.
func New(domain model.DomainID, files ...string) *Reader {
	return &Reader{files: files, domain: domain, stdin: os.Stdin}
}

// NewStream makes a Reader of one open stream, which it does not close; name is for error messages.
func NewStream(domain model.DomainID, name string, r io.Reader) *Reader {
	s := &Reader{files: []string{"-"}, domain: domain, stdin: r, name: name}
	return s
}

// Next fills f with the next frame. After an error other than io.EOF, Next goes on with the next
// file, so that one bad file does not hide the others.
func (r *Reader) Next(f *capture.Frame) error {
	for {
		if r.read == nil {
			if r.next >= len(r.files) {
				return io.EOF
			}
			r.next++
			if err := r.open(r.files[r.next-1]); err != nil {
				_ = r.shut() // it was only read: the fault that counts is err
				return err
			}
		}
		err := r.read(r, f)
		if err == nil {
			r.packets++
			r.stats.Frames++
			r.stats.Octets += uint64(len(f.Data))
			return nil
		}
		_ = r.shut()
		if !errors.Is(err, io.EOF) {
			return err
		}
	}
}

// Beside reports that the next record lies in memory as a whole, so that Next moves nothing.
func (r *Reader) Beside() bool {
	b := r.buf.data[r.buf.start:r.buf.end]
	switch {
	case r.read == nil:
		return false
	case r.header > 0:
		return len(b) >= r.header && len(b)-r.header >= int(r.u32(b[8:]))
	}
	return len(b) >= 8 && r.u32(b) == blockEnhanced && uint32(len(b)) >= r.u32(b[4:])
}

// Stats returns what was read so far; a file drops nothing.
func (r *Reader) Stats() capture.Stats { return r.stats }

// File is the name of the file that is being read.
func (r *Reader) File() string { return r.name }

// Close closes the current file.
func (r *Reader) Close() error {
	r.next = len(r.files)
	return r.shut()
}

func (r *Reader) shut() error {
	var errs []error
	for _, closer := range slices.Backward(r.closers) {
		errs = append(errs, closer())
	}
	r.closers, r.read = r.closers[:0], nil
	return errors.Join(errs...)
}

func (r *Reader) open(name string) error {
	src := r.stdin
	if name == "-" {
		if r.name == "" || len(r.files) > 1 {
			name = "standard input"
		} else {
			name = r.name
		}
	} else {
		file, err := os.Open(filepath.Clean(name))
		if err != nil {
			return fmt.Errorf("open capture: %w", err)
		}
		r.closers = append(r.closers, file.Close)
		if info, err := file.Stat(); err == nil && info.IsDir() {
			return &NotCaptureError{File: name, Why: "it is a directory"}
		}
		src = file
	}
	r.name, r.packets, r.section = name, 0, 0
	r.buf.reset(src)
	if err := r.decompress(); err != nil {
		return err
	}
	return r.begin()
}

var (
	magicGzip = []byte{0x1f, 0x8b}
	magicZstd = []byte{0x28, 0xb5, 0x2f, 0xfd}
)

// decompress puts a decompressor in front of the stream iff it begins like a compressed one.
func (r *Reader) decompress() error {
	head := r.buf.peek(4)
	var (
		src io.Reader
		err error
	)
	switch {
	case bytes.HasPrefix(head, magicGzip):
		var z *fastgzip.Reader
		if z, err = fastgzip.NewReader(r.rest()); err == nil {
			src = z
			r.closers = append(r.closers, z.Close)
		}
	case bytes.HasPrefix(head, magicZstd):
		var z *zstd.Decoder
		// One goroutine less and bounded memory: the stream may lie about its window.
		if z, err = zstd.NewReader(r.rest(), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(128<<20)); err == nil {
			src = z
			r.closers = append(r.closers, func() error { z.Close(); return nil })
		}
	default:
		return nil
	}
	if err != nil {
		if errors.Is(err, gzip.ErrHeader) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return &NotCaptureError{File: r.name, Why: "its compression header is damaged"}
		}
		return fmt.Errorf("%s: decompress: %w", r.name, err)
	}
	r.buf = buffer{}
	r.buf.reset(src)
	return nil
}

// rest is what the buffer holds already, followed by the stream itself.
func (r *Reader) rest() io.Reader {
	held := bytes.Clone(r.buf.data[r.buf.start:r.buf.end])
	return io.MultiReader(bytes.NewReader(held), r.buf.src)
}

// begin reads the file header and chooses the record reader.
func (r *Reader) begin() error {
	head := r.buf.peek(24)
	if len(head) == 0 && r.buf.fault() == nil {
		return &NotCaptureError{File: r.name, Why: "it is empty"}
	}
	if len(head) < 4 {
		return r.headFault()
	}
	switch magic := binary.LittleEndian.Uint32(head); magic {
	case 0x0a0d0d0a:
		r.ifaces, r.base, r.header, r.read = r.ifaces[:0], 0, 0, nextNG
		return nil
	case 0xa1b2c3d4, 0xa1b23c4d, 0xa1b2cd34:
		r.order, r.big = binary.LittleEndian, false
	case 0xd4c3b2a1, 0x4d3cb2a1, 0x34cdb2a1:
		r.order, r.big = binary.BigEndian, true
	default:
		return &NotCaptureError{File: r.name, Why: fmt.Sprintf("it begins with %02x %02x %02x %02x", head[0], head[1], head[2], head[3])}
	}
	if len(head) < 24 {
		return r.headFault()
	}
	r.fraction, r.header = 1000, 16
	switch r.order.Uint32(head) {
	case 0xa1b23c4d:
		r.fraction = 1
	case 0xa1b2cd34: // Kuznetzov's modified pcap: 8 bytes more a record
		r.header = 24
	}
	// The upper bits of the link-type field say how long a frame check sequence is.
	r.link = capture.LinkType(r.order.Uint32(head[20:]) & 0xffff)
	if !r.link.Supported() {
		return &LinkTypeError{File: r.name, Type: r.link}
	}
	r.buf.skip(24)
	r.read = nextClassic
	return nil
}

func (r *Reader) headFault() error {
	if r.buf.fault() != nil {
		return r.cut(false)
	}
	return &NotCaptureError{File: r.name, Why: "it is shorter than a file header"}
}

// damaged makes the error for a record that began at r.section.
func (r *Reader) damaged(why string) error {
	return &DamagedError{File: r.name, Packets: r.packets, Offset: r.section, Why: why}
}

// cut is the error for a file that ends within a record, or io.EOF when it ends before one.
func (r *Reader) cut(atBoundary bool) error {
	// A compressed file that was cut ends in an unexpected end of file.
	if err := r.buf.fault(); err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return &DamagedError{File: r.name, Packets: r.packets, Offset: r.section, Err: err}
	}
	if atBoundary && r.buf.fault() == nil {
		return io.EOF
	}
	return r.damaged("")
}

func (r *Reader) u32(b []byte) uint32 {
	if r.big {
		return binary.BigEndian.Uint32(b)
	}
	return binary.LittleEndian.Uint32(b)
}

func (r *Reader) u16(b []byte) uint16 {
	if r.big {
		return binary.BigEndian.Uint16(b)
	}
	return binary.LittleEndian.Uint16(b)
}

// nextClassic reads a record of a pcap file (draft-ietf-opsawg-pcap, section 5).
func nextClassic(r *Reader, f *capture.Frame) error {
	r.section = r.buf.offset
	head := r.buf.peek(r.header)
	if len(head) < r.header {
		return r.cut(len(head) == 0)
	}
	sec, frac, n, wire := r.u32(head), r.u32(head[4:]), r.u32(head[8:]), r.u32(head[12:])
	if n > maxRecord {
		return r.damaged(fmt.Sprintf("a record of %d bytes", n))
	}
	size := r.header + int(n)
	p := r.buf.peek(size)
	if len(p) < size {
		return r.cut(false)
	}
	f.Data = p[r.header:size:size]
	r.buf.skip(size)
	f.Time = int64(sec)*1e9 + int64(frac)*r.fraction
	f.WireLen = int(max(wire&0x7fffffff, n))
	f.LinkType, f.Domain, f.Interface, f.Tagged = r.link, r.domain, 0, false
	return nil
}
