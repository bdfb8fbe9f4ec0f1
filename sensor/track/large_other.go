//go:build !linux

package track

// newChunk makes a chunk.
func newChunk() (*records, *rares) { return new(records), new(rares) }
