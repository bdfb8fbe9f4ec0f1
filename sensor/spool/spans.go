package spool

import (
	"slices"
	"sort"
)

// span is a range of sequences, both ends included.
type span struct {
	First, Last uint64
}

// spans are sorted ranges with something between any two.
type spans []span

// add joins a range in.
func (s spans) add(first, last uint64) spans {
	i := sort.Search(len(s), func(i int) bool { return s[i].Last+1 >= first })
	j := i
	for j < len(s) && s[j].First <= last+1 {
		first, last = min(first, s[j].First), max(last, s[j].Last)
		j++
	}
	return slices.Replace(s, i, j, span{first, last})
}

func (s spans) has(n uint64) bool {
	i := sort.Search(len(s), func(i int) bool { return s[i].Last >= n })
	return i < len(s) && s[i].First <= n
}

// gaps are the ranges between 1 and high that are not there.
func (s spans) gaps(high uint64) (out spans) {
	next := uint64(1)
	for _, r := range s {
		if r.First > next && next <= high {
			out = append(out, span{next, min(r.First-1, high)})
		}
		next = max(next, r.Last+1)
	}
	if next <= high {
		out = append(out, span{next, high})
	}
	return out
}
