package event

import (
	"bytes"
	"errors"
	"fmt"
	"hash/maphash"
	"strings"
	"sync"

	"github.com/klauspost/compress/zstd"
	"google.golang.org/protobuf/proto"

	"github.com/wardscope/wardscope/internal/model"
	eventv1 "github.com/wardscope/wardscope/proto/wardscope/event/v1"
)

// SchemaVersion is the version of the encoding that Encode writes. Decode reads this and older ones.
const SchemaVersion = 2

// Limits of one batch (transport.md of the design, decision 7).
const (
	MaxCompressed = 1 << 20
	MaxDecoded    = 16 << 20
	MaxEvents     = 65536
)

// Errors that a caller acts on.
var (
	// ErrTooLarge says that a batch must be split (Encode) or refused (Decode).
	ErrTooLarge = errors.New("batch is over its size limit")
	// ErrSchema says that a newer sensor wrote the batch; it must be kept until the hub is newer.
	ErrSchema = errors.New("batch has a newer schema version")
)

// Codec encodes and decodes batches. The zero value is not usable: use NewCodec.
type Codec struct {
	zw *zstd.Encoder
	zr *zstd.Decoder

	mutex sync.Mutex // one batch is encoded at a time
	w     writer     // kept, because the columns, dictionaries and rows of a batch are megabytes
}

// NewCodec makes a Codec that decodes at most MaxDecoded bytes of any input.
func NewCodec() (*Codec, error) {
	// SpeedDefault packs a hospital's mix 6 % smaller and many flows 2 %, for a tenth more of all the time that a
	// sensor spends on flows.
	zw, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest),
		zstd.WithLowerEncoderMem(true), zstd.WithWindowSize(1<<20)) // 1 MiB: eight would be held for good
	if err != nil {
		return nil, fmt.Errorf("make zstd encoder: %w", err)
	}
	zr, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(MaxDecoded))
	if err != nil {
		return nil, fmt.Errorf("make zstd decoder: %w", err)
	}
	return &Codec{zw: zw, zr: zr, w: newWriter()}, nil
}

// Encode packs b. It returns ErrTooLarge when the result breaks a limit of one batch.
func (c *Codec) Encode(b *model.Batch) ([]byte, error) {
	if n := b.Events(); n > MaxEvents {
		return nil, fmt.Errorf("encode batch of %d events: %w", n, ErrTooLarge)
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	w := &c.w
	raw, err := proto.MarshalOptions{}.MarshalAppend(w.raw[:0], w.batch(b))
	w.reset(raw)
	if err != nil {
		return nil, fmt.Errorf("encode batch %d: %w", b.ID.Sequence, err)
	}
	if len(raw) > MaxDecoded {
		return nil, fmt.Errorf("encode batch of %d bytes: %w", len(raw), ErrTooLarge)
	}
	w.packed = c.zw.EncodeAll(raw, w.packed[:0])
	if len(w.packed) > MaxCompressed {
		return nil, fmt.Errorf("encode batch of %d compressed bytes: %w", len(w.packed), ErrTooLarge)
	}
	return bytes.Clone(w.packed), nil // no larger than it is: it may wait for the hub for hours
}

// writer makes the wire form of a batch.
type writer struct {
	raw        []byte
	packed     []byte
	small      []uint32 // free memory of columns
	large      []uint64
	deltas     []int64 // free memory of columns with signs
	rows       []eventv1.ObservationRow
	findings   []eventv1.FindingRow
	rowList    []*eventv1.ObservationRow
	weakList   []*eventv1.FindingRow
	words      [3][]uint64 // of the address and MAC dictionaries
	operations [3][]uint32 // columns of the operations
	subjects   []eventv1.SubjectRow
	taken      int // of subjects
	addrs      dictionary[model.Addr]
	macs       dictionary[model.MAC]
	strings    dictionary[string]
	lastMAC    []uint32 // by address index: what a batch last said
	sealed     int64
}

func newWriter() (w writer) {
	seed := maphash.MakeSeed()
	keys := [2]uint64{maphash.String(seed, "high") | 1, maphash.String(seed, "low") | 1}
	w.addrs.hash = func(a model.Addr) uint64 { return mix(a.Hi^keys[0], a.Lo^keys[1]) }
	w.macs.hash = func(m model.MAC) uint64 { return mix(uint64(m)^keys[0], keys[1]) }
	w.strings.hash = func(s string) uint64 { return maphash.String(seed, s) }
	return w
}

// reset forgets a batch and keeps its memory.
func (w *writer) reset(raw []byte) {
	w.raw, w.small, w.large, w.deltas, w.taken = raw, w.small[:0], w.large[:0], w.deltas[:0], 0
	w.addrs.reset()
	w.macs.reset()
	w.strings.reset()
	clear(w.lastMAC)
}

func (w *writer) text(s string) uint32 {
	if s == "" {
		return 0
	}
	return w.strings.add(strings.ToValidUTF8(s, "�"))
}

func (w *writer) subject(s model.Subject) *eventv1.SubjectRow {
	if s.IsZero() {
		return nil
	}
	if w.taken == len(w.subjects) {
		w.subjects, w.taken = make([]eventv1.SubjectRow, max(256, 2*len(w.subjects))), 0
	}
	row := &w.subjects[w.taken]
	w.taken++
	row.Address, row.Mac, row.Part = w.addrs.add(s.Addr), w.macs.add(s.MAC), w.text(s.Part)
	return row
}

func (w *writer) batch(b *model.Batch) *eventv1.Batch {
	w.sealed = b.Sealed
	out := &eventv1.Batch{
		SchemaVersion: SchemaVersion, Site: string(b.ID.Site), Sensor: string(b.ID.Sensor), Epoch: b.ID.Epoch, Sequence: b.ID.Sequence,
		SealedNs: uint64(b.Sealed), ClockOffsetNs: b.ClockOffset, SensorVersion: strings.ToValidUTF8(b.Version, "�"),
		Flows: w.flows(b.Flows),
	}
	out.Observations = w.observations(b.Observations)
	out.Findings = w.weaknesses(b.Findings)
	for i := range b.Losses {
		l := &b.Losses[i]
		out.Losses = append(out.Losses, &eventv1.LossRow{
			Place: eventv1.LossPlace(l.Place), Reason: w.text(l.Reason), FirstNs: l.First - w.sealed, LastNs: l.Last - w.sealed,
			Packets: l.Packets, Events: l.Events, Batches: l.Batches, FirstSequence: l.FirstSequence, LastSequence: l.LastSequence, Domain: uint32(l.Domain),
		})
	}
	for i := range b.Stats {
		out.Stats = append(out.Stats, statsRow(&b.Stats[i]))
	}
	high, low, macs := w.words[0][:0], w.words[1][:0], w.words[2][:0]
	for _, a := range w.addrs.list {
		high, low = append(high, a.Hi), append(low, a.Lo)
	}
	for _, m := range w.macs.list {
		macs = append(macs, uint64(m))
	}
	w.words = [3][]uint64{high, low, macs}
	out.AddressHigh, out.AddressLow, out.Macs = high, low, macs
	out.Strings = w.strings.list
	return out
}

func (w *writer) observations(in []model.Observation) []*eventv1.ObservationRow {
	if len(in) == 0 {
		return nil
	}
	if len(w.rows) < len(in) {
		w.rows = make([]eventv1.ObservationRow, len(in))
	}
	out := w.rowList[:0]
	for i := range in {
		o, row := &in[i], &w.rows[i] // every field is set: the row may have been used before
		row.Subject, row.Kind, row.Value, row.Source = w.subject(o.Subject), eventv1.ObservationKind(o.Kind), w.text(o.Value), w.text(o.Source)
		row.FirstNs, row.LastNs, row.Count = o.First-w.sealed, o.Last-w.sealed, o.Count
		row.Domain, row.Vlan = uint32(o.Domain), uint32(o.VLAN)
		out = append(out, row)
	}
	w.rowList = out
	return out
}

func (w *writer) weaknesses(in []model.Finding) []*eventv1.FindingRow {
	if len(in) == 0 {
		return nil
	}
	if len(w.findings) < len(in) {
		w.findings = make([]eventv1.FindingRow, len(in))
	}
	out := w.weakList[:0]
	for i := range in {
		f, row := &in[i], &w.findings[i] // every field is set: the row may have been used before
		row.Type, row.Rule, row.RuleVersion = eventv1.FindingType(f.Type), w.text(f.Rule), f.RuleVersion
		row.Subject, row.Peer = w.subject(f.Subject), w.subject(f.Peer)
		row.Service, row.Port, row.Protocol = w.text(f.Service), uint32(f.Port), uint32(f.Protocol)
		row.Detail, row.Evidence, row.CommunityId = w.text(f.Detail), w.text(f.Evidence), w.text(f.CommunityID)
		row.FirstNs, row.LastNs, row.Count = f.First-w.sealed, f.Last-w.sealed, f.Count
		row.Domain, row.Vlan = uint32(f.Domain), uint32(f.VLAN)
		out = append(out, row)
	}
	w.weakList = out
	return out
}

func statsRow(s *model.Stats) *eventv1.StatsRow {
	row := &eventv1.StatsRow{
		Domain: uint32(s.Domain), Vlan: uint32(s.VLAN), MinuteNs: uint64(s.Minute), Packets: s.Packets, Octets: s.Octets, Hosts: s.Hosts,
		TcpConversations: s.TCPConversations, TcpOneWay: s.TCPOneWay, UnseenAckedOctets: s.UnseenAckedOctets, Duplicates: s.Duplicates,
		Truncated: s.Truncated, Undecoded: s.Undecoded, TooLittle: s.TooLittle, Drops: drops(s.Drops), Interfaces: interfaces(s.Interfaces),
	}
	return row
}

func drops(in []model.Drop) []*eventv1.Drop {
	var out []*eventv1.Drop
	for _, d := range in {
		out = append(out, &eventv1.Drop{Place: eventv1.LossPlace(d.Place), Packets: d.Packets})
	}
	return out
}

func interfaces(in []model.Interface) []*eventv1.Interface {
	var out []*eventv1.Interface
	for _, i := range in {
		out = append(out, &eventv1.Interface{
			Name: model.Text(i.Name), CanSend: i.CanSend, Reasons: texts(i.Reasons), Remedies: texts(i.Remedies), LinkUp: i.LinkUp, SameAsUplink: i.SameAsHub,
		})
	}
	return out
}

func texts(in []string) []string {
	var out []string
	for _, s := range in {
		out = append(out, model.Text(s))
	}
	return out
}
