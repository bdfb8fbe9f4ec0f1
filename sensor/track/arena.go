package track

// A chunk's records fill one large page: with small ones, each look-up of a far record also waits for
// the processor to find out where its page is.
const (
	chunkBits = 14
	chunkSize = 1 << chunkBits
)

type (
	records [chunkSize]record
	rares   [chunkSize]rare
)

// arena holds records in chunks: growing never moves one. Numbers begin at 1; 0 is no record.
type arena struct {
	chunks []*records
	rares  []*rares
	used   uint32 // the number after the highest that was ever handed out
	free   uint32 // through newer
	live   int
}

func (a *arena) at(i uint32) *record {
	i--
	return &a.chunks[i>>chunkBits][i&(chunkSize-1)]
}

func (a *arena) rare(i uint32) *rare {
	i--
	return &a.rares[i>>chunkBits][i&(chunkSize-1)]
}

func (a *arena) take() uint32 {
	a.live++
	if i := a.free; i != 0 {
		a.free = a.rare(i).newer
		*a.at(i), *a.rare(i) = record{}, rare{}
		return i
	}
	a.used = max(a.used, 1)
	i := a.used
	a.used++
	if int((i-1)>>chunkBits) == len(a.chunks) {
		c, r := newChunk()
		a.chunks, a.rares = append(a.chunks, c), append(a.rares, r)
	}
	return i
}

func (a *arena) give(i uint32) {
	a.live--
	a.at(i).state = stateFree
	a.rare(i).newer = a.free
	a.free = i
}

// bytes is the memory that records take.
func (a *arena) bytes() int { return len(a.chunks) * chunkSize * recordSize }
