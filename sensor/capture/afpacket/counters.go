//go:build linux

package afpacket

import (
	"bytes"
	"os"
	"path/filepath"
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
	for _, name := range c.names {
		link += deviceDrops("/sys/class/net/" + name + "/statistics/")
	}
	if table, err := os.ReadFile("/proc/net/softnet_stat"); err == nil {
		softnet = softnetDrops(table)
	}
	return link, softnet
}

// deviceDrops sums what the card or its driver had no room for. Not rx_dropped: on a mirror port
// the kernel counts there each tagged frame that no VLAN interface wants, although the ring got it.
func deviceDrops(folder string) (sum uint64) {
	for _, counter := range [...]string{"rx_missed_errors", "rx_fifo_errors", "rx_over_errors"} {
		text, err := os.ReadFile(filepath.Clean(folder + counter))
		if err != nil {
			continue // another network namespace than the one that /sys shows
		}
		n, _ := strconv.ParseUint(string(bytes.TrimSpace(text)), 10, 64)
		sum += n
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
