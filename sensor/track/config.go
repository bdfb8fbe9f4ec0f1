package track

import (
	"errors"
	"fmt"
	"time"
)

// Config bounds a Table and sets its clocks.
type Config struct {
	MaxFlows        int           // ceiling; past it the least valuable flow leaves early with EndLack
	ActiveTimeout   time.Duration // a flow that lasts longer is reported as deltas, as at each full hour
	TCPOpening      time.Duration // idle time of a TCP conversation that is not established
	TCPEstablished  time.Duration
	TCPClosed       time.Duration // how long a closed one is kept for its stragglers
	UDPIdle         time.Duration
	OtherIdle       time.Duration // ICMP and all other IP protocols
	ReorderBytes    int           // out-of-order bytes that one direction may keep
	ReassemblyBytes int           // out-of-order bytes that all directions together may keep
	MaxStreams      int           // TCP conversations that may be read at once
}

// DefaultConfig suits one shard of a hospital sensor.
func DefaultConfig() Config {
	return Config{
		MaxFlows:        1 << 20,
		ActiveTimeout:   300 * time.Second,
		TCPOpening:      30 * time.Second,
		TCPEstablished:  600 * time.Second,
		TCPClosed:       5 * time.Second,
		UDPIdle:         60 * time.Second,
		OtherIdle:       60 * time.Second,
		ReorderBytes:    64 << 10,
		ReassemblyBytes: 32 << 20,
		MaxStreams:      1 << 17,
	}
}

// Validate says everything that is wrong with c; nil when nothing is.
func (c Config) Validate() error {
	var errs []error
	if c.MaxFlows < 16 || c.MaxFlows > 1<<27 {
		errs = append(errs, fmt.Errorf("track.max_flows: %d is not in 16 to %d", c.MaxFlows, 1<<27))
	}
	for _, d := range []struct {
		name string
		of   time.Duration
	}{
		{"active_timeout", c.ActiveTimeout}, {"tcp_opening", c.TCPOpening}, {"tcp_established", c.TCPEstablished},
		{"tcp_closed", c.TCPClosed}, {"udp_idle", c.UDPIdle}, {"other_idle", c.OtherIdle},
	} {
		// Handshake times are kept in microseconds since the flow's start, in 32 bits: 71 minutes.
		if d.of < time.Second || d.of > time.Hour {
			errs = append(errs, fmt.Errorf("track.%s: %v is not in 1 s to 1 h", d.name, d.of))
		}
	}
	if c.ReorderBytes > 1<<30 {
		errs = append(errs, fmt.Errorf("track.reorder_bytes: %d is over 1 GiB", c.ReorderBytes))
	}
	if c.ReorderBytes < 4<<10 {
		errs = append(errs, fmt.Errorf("track.reorder_bytes: %d is under 4 KiB", c.ReorderBytes))
	}
	if c.ReassemblyBytes < c.ReorderBytes {
		errs = append(errs, fmt.Errorf("track.reassembly_bytes: %d is under track.reorder_bytes", c.ReassemblyBytes))
	}
	if c.MaxStreams < 16 {
		errs = append(errs, fmt.Errorf("track.max_streams: %d is under 16", c.MaxStreams))
	}
	return errors.Join(errs...)
}
