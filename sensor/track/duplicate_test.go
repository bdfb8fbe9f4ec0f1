package track_test

import (
	"bytes"
	"testing"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/decode"
	"github.com/wardscope/wardscope/sensor/track"
)

// ending makes a packet without identification whose content ends in the same octet for long.
func ending(octet byte) func(*decode.Packet) {
	return func(p *decode.Packet) {
		p.IPID = 0
		p.Payload = append([]byte("content "), bytes.Repeat([]byte{octet}, 16)...)
	}
}

func TestDuplicates(t *testing.T) {
	for _, c := range []struct {
		name   string
		before func(*decode.Packet) // of both packets
		change func(*decode.Packet) // of the second
		after  int64                // nanoseconds
		want   uint32
	}{
		{"same frame", nil, nil, 20e6, 1},
		{"same frame, too late", nil, nil, 60e6, 0},
		{"another identification", nil, func(p *decode.Packet) { p.IPID++ }, 1e3, 0},
		{"a hop later", nil, func(p *decode.Packet) { p.TTL-- }, 80e6, 1},
		{"two hops later", nil, func(p *decode.Packet) { p.TTL -= 2 }, 1e6, 0},
		{"another VLAN", nil, func(p *decode.Packet) { p.VLANs[0], p.VLANCount = 7, 1 }, 80e6, 1},
		{"another port of the TAP", nil, func(p *decode.Packet) { p.Interface = 1 }, 80e6, 1},
		{"another VLAN, too late", nil, func(p *decode.Packet) { p.VLANs[0], p.VLANCount = 7, 1 }, 120e6, 0},
		{"no identification, at once", func(p *decode.Packet) { p.IPID = 0 }, nil, 10e3, 1},
		{"no identification, a device that repeats itself", func(p *decode.Packet) { p.IPID = 0 }, nil, 250e3, 0},
		{"no identification, unfinished checksum, other content", func(p *decode.Packet) { p.IPID = 0 }, func(p *decode.Packet) { p.Payload = []byte("content B") }, 10e3, 0},
		{"no identification, other checksum, ends in ones", ending(0xff), func(p *decode.Packet) { p.Checksum++ }, 10e3, 0},
		{"no identification, other checksum, ends in zeros", ending(0), func(p *decode.Packet) { p.Checksum++ }, 10e3, 0},
		{"no identification, at once, ends in ones", ending(0xff), nil, 10e3, 1},
		{"no identification, another VLAN", func(p *decode.Packet) { p.IPID = 0 }, func(p *decode.Packet) { p.VLANs[0], p.VLANCount = 7, 1 }, 1e6, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			table, out := newTable(t, track.DefaultConfig(), nil)
			e := hosts(t)
			e.protocol, e.serverPort = 17, 4443
			first := e.packet(false, 0, 0, 0, "content A")
			if c.before != nil {
				c.before(first)
			}
			second := *first
			second.Time += c.after
			if c.change != nil {
				c.change(&second)
			}
			table.Packet(first)
			table.Packet(&second)
			table.Flush(model.EndForced)
			if f := out.flows[0]; f.Duplicated != c.want || f.InitiatorPackets != uint64(2-c.want) {
				t.Errorf("got %d duplicated, %d packets; want %d duplicated", f.Duplicated, f.InitiatorPackets, c.want)
			}
		})
	}
}
