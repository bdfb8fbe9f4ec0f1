package ingest

import "slices"

// Ranges is a set of batch numbers as sorted, disjoint, non-adjacent inclusive ranges. A high
// mark would not do: a sensor sends its backlog and fresh batches side by side.
type Ranges [][2]uint64

// maxRanges bounds the gaps of one boot of a sensor. A sensor that works has a few.
const maxRanges = 128

// Has reports whether n is in the set.
func (r Ranges) Has(n uint64) bool {
	i := r.find(n)
	return i < len(r) && r[i][0] <= n
}

// find is the index of the first range that ends at n or later.
func (r Ranges) find(n uint64) int {
	i, _ := slices.BinarySearchFunc(r, n, func(x [2]uint64, n uint64) int {
		if x[1] < n {
			return -1
		}
		return 1
	})
	return i
}

// Add returns the set with first to last in it. The receiver is not changed.
func (r Ranges) Add(first, last uint64) Ranges {
	lo := first
	if lo > 0 {
		lo-- // a range that ends right before touches
	}
	i := r.find(lo)
	j := i
	for j < len(r) && (last == ^uint64(0) || r[j][0] <= last+1) {
		first, last = min(first, r[j][0]), max(last, r[j][1])
		j++
	}
	out := make(Ranges, 0, len(r)+1)
	out = append(out, r[:i]...)
	out = append(out, [2]uint64{first, last})
	return append(out, r[j:]...)
}
