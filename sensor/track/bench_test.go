package track_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/capture"
	"github.com/wardscope/wardscope/sensor/capture/pcapfile"
	"github.com/wardscope/wardscope/sensor/decode"
	"github.com/wardscope/wardscope/sensor/track"
)

// appendFrame writes a pcap record with an Ethernet, IPv4, TCP or UDP frame.
func appendFrame(out []byte, at int64, flow uint32, fromServer bool, tcp bool, id uint16, flags byte, seq, ack uint32, payload int) []byte {
	transport := 8
	if tcp {
		transport = 20
	}
	total := 20 + transport + payload
	out = binary.LittleEndian.AppendUint32(out, uint32(at/second))
	out = binary.LittleEndian.AppendUint32(out, uint32(at%second/1000))
	out = binary.LittleEndian.AppendUint32(out, uint32(14+total))
	out = binary.LittleEndian.AppendUint32(out, uint32(14+total))
	client, server := 0x0a000000|flow, uint32(0x0a640001)+flow&0xff
	clientPort, serverPort := uint16(40000+flow>>12), uint16(104)
	src, dst, srcPort, dstPort := client, server, clientPort, serverPort
	if fromServer {
		src, dst, srcPort, dstPort = server, client, serverPort, clientPort
	}
	out = append(out, 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0, 0x45, 0)
	out = binary.BigEndian.AppendUint16(out, uint16(total))
	out = binary.BigEndian.AppendUint16(out, id)
	protocol := byte(17)
	if tcp {
		protocol = 6
	}
	out = append(out, 0x40, 0, 64, protocol, 0, 0)
	out = binary.BigEndian.AppendUint32(out, src)
	out = binary.BigEndian.AppendUint32(out, dst)
	out = binary.BigEndian.AppendUint16(out, srcPort)
	out = binary.BigEndian.AppendUint16(out, dstPort)
	if tcp {
		out = binary.BigEndian.AppendUint32(out, seq)
		out = binary.BigEndian.AppendUint32(out, ack)
		out = append(out, 5<<4, flags, 0xff, 0xff)
		out = binary.BigEndian.AppendUint16(out, id*7) // checksum: unique enough
		out = append(out, 0, 0)
	} else {
		out = binary.BigEndian.AppendUint16(out, uint16(8+payload))
		out = binary.BigEndian.AppendUint16(out, id*7)
	}
	return append(out, make([]byte, payload)...)
}

var fileHeader = []byte{0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0}

// mixCapture is conversations of hospital lengths, many at once, as perf.md's mix in the small:
// mean frame about 600 bytes.
func mixCapture(packets int) []byte {
	random := rand.New(rand.NewPCG(1, 2))
	type session struct {
		flow     uint32
		tcp      bool
		step     int
		length   int
		seq, ack uint32
	}
	live := make([]session, 4000)
	next := uint32(0)
	out := bytes.Clone(fileHeader)
	at, id := int64(1_700_000_000)*second, uint16(0)
	for range packets {
		s := &live[random.IntN(len(live))]
		if s.step >= s.length {
			next++
			*s = session{flow: next & 0xffffff, tcp: random.IntN(3) > 0, length: 4 + random.IntN(72), seq: random.Uint32(), ack: random.Uint32()}
		}
		id++
		at += 4000
		switch {
		case !s.tcp:
			out = appendFrame(out, at, s.flow, s.step&1 == 1, false, id, 0, 0, 0, 20+random.IntN(500))
		case s.step == 0:
			out = appendFrame(out, at, s.flow, false, true, id, decode.SYN, s.seq, 0, 0)
			s.seq++
		case s.step == 1:
			out = appendFrame(out, at, s.flow, true, true, id, decode.SYN|decode.ACK, s.ack, s.seq, 0)
			s.ack++
		case s.step == 2:
			out = appendFrame(out, at, s.flow, false, true, id, decode.ACK, s.seq, s.ack, 0)
		case s.step%3 == 0:
			out = appendFrame(out, at, s.flow, true, true, id, decode.ACK, s.ack, s.seq, 0)
		default:
			out = appendFrame(out, at, s.flow, false, true, id, decode.ACK|decode.PSH, s.seq, s.ack, 1400)
			s.seq += 1400
		}
		s.step++
	}
	return out
}

// flowsCapture is perf.md's "many flows": all alive, visited in an order that misses every cache.
func flowsCapture(flows, rounds int) []byte {
	out := bytes.Clone(fileHeader)
	at := int64(1_700_000_000) * second
	gap := 60 * second / int64(flows*rounds)
	for r := range rounds {
		for k := range flows {
			i := uint32((uint64(k)*0x9e3779b1 + 12345*uint64(r)) % uint64(flows))
			at += gap
			if i&1 == 1 {
				out = appendFrame(out, at, i, r&1 == 1, false, uint16(k), 0, 0, 0, 18)
				continue
			}
			switch r {
			case 0:
				out = appendFrame(out, at, i, false, true, uint16(k), decode.SYN, i, 0, 0)
			case 1:
				out = appendFrame(out, at, i, true, true, uint16(k), decode.SYN|decode.ACK, ^i, i+1, 0)
			case 2:
				out = appendFrame(out, at, i, false, true, uint16(k), decode.ACK, i+1, ^i+1, 0)
			default:
				out = appendFrame(out, at, i, false, true, uint16(k), decode.ACK|decode.PSH, i+1+uint32(r-3)*16, ^i+1, 16)
			}
		}
	}
	return out
}

// nobody takes flows and forgets them.
type nobody struct{ flows int }

func (n *nobody) Flow(*model.Flow) { n.flows++ }

func benchmark(b *testing.B, raw []byte, each func(*capture.Frame)) {
	b.Helper()
	b.ReportAllocs()
	packets := 0
	var f capture.Frame
	for b.Loop() {
		r := pcapfile.NewStream(0, "generated", bytes.NewReader(raw))
		for {
			if err := r.Next(&f); err != nil {
				if !errors.Is(err, io.EOF) {
					b.Fatal(err)
				}
				break
			}
			packets++
			each(&f)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(packets), "ns/packet")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkPath gives nanoseconds a packet by stage; each stage includes those before it.
func BenchmarkPath(b *testing.B) {
	captures := map[string][]byte{"mix": mixCapture(300_000), "flows": flowsCapture(1<<17, 4)}
	for _, name := range []string{"mix", "flows"} {
		raw := captures[name]
		b.Run(name+"/read", func(b *testing.B) { benchmark(b, raw, func(*capture.Frame) {}) })
		b.Run(name+"/decode", func(b *testing.B) {
			d := decode.New(decode.Config{})
			var p decode.Packet
			benchmark(b, raw, func(f *capture.Frame) { d.Decode(f, &p) })
		})
		b.Run(name+"/track", func(b *testing.B) {
			d := decode.New(decode.Config{})
			var p decode.Packet
			n := &nobody{}
			table, err := track.New(track.DefaultConfig(), track.Deps{Seed: track.NewSeed(), Sink: n})
			if err != nil {
				b.Fatal(err)
			}
			last, shift := int64(0), int64(0)
			benchmark(b, raw, func(f *capture.Frame) {
				if f.Time+shift < last { // the capture once more: later
					table.Flush(model.EndForced)
					shift += 120 * second
				}
				f.Time += shift
				last = f.Time
				d.Decode(f, &p)
				table.Packet(&p)
			})
			runtime.KeepAlive(n)
		})
	}
}
