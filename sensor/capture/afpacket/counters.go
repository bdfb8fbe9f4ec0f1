//go:build linux

package afpacket

import (
	"bytes"
	"os"
	"strconv"
)

// linkCounters reads what was lost before the ring, since it was made.
type linkCounters struct {
	names            []string
	baseLink, baseUp uint64
}

func newLinkCounters(names []string) *linkCounters {
	c := &linkCounters{names: names}
	c.baseLink, c.baseUp = c.read()
	return c
}

func (c *linkCounters) drops() (link, softnet uint64) {
	link, softnet = c.read()
	// A counter that went back belongs to an interface that was made anew.
	return link - min(link, c.baseLink), softnet - min(softnet, c.baseUp)
}

func (c *linkCounters) read() (link, softnet uint64) {
	if table, err := os.ReadFile("/proc/thread-self/net/dev"); err == nil {
		for _, name := range c.names {
			link += deviceDrops(table, name)
		}
	}
	if table, err := os.ReadFile("/proc/net/softnet_stat"); err == nil {
		softnet = softnetDrops(table)
	}
	return link, softnet
}

// deviceDrops sums drop (rx_dropped and rx_missed_errors) and fifo (overruns) of /proc/net/dev.
func deviceDrops(table []byte, name string) (sum uint64) {
	for line := range bytes.Lines(table) {
		before, after, ok := bytes.Cut(line, []byte{':'})
		if !ok || string(bytes.TrimSpace(before)) != name {
			continue
		}
		fields := bytes.Fields(after)
		for _, column := range [...]int{3, 4} {
			if column < len(fields) {
				n, _ := strconv.ParseUint(string(fields[column]), 10, 64)
				sum += n
			}
		}
	}
	return sum
}

// softnetDrops sums the second column, hexadecimal, over all processors.
func softnetDrops(table []byte) (sum uint64) {
	for line := range bytes.Lines(table) {
		if fields := bytes.Fields(line); len(fields) > 1 {
			n, _ := strconv.ParseUint(string(fields[1]), 16, 64)
			sum += n
		}
	}
	return sum
}
