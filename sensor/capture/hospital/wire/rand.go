package wire

import "time"

// Rand is a small deterministic generator of random numbers (splitmix64, Steele et al. 2014).
// Its sequence is part of what makes a scenario reproducible, so it never changes.
type Rand struct{ state uint64 }

// NewRand seeds a generator from any number of parts; their order matters.
func NewRand(parts ...uint64) Rand {
	r := Rand{state: 0x9e3779b97f4a7c15}
	for _, p := range parts {
		r.state = r.Uint64() ^ p
	}
	return r
}

// Key is a seed part made of a text (FNV-1a, 64 bits).
func Key(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

// Uint64 returns 64 random bits.
func (r *Rand) Uint64() uint64 {
	r.state += 0x9e3779b97f4a7c15
	z := r.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// IntN returns a number from 0 to n-1; 0 when n is not positive.
func (r *Rand) IntN(n int) int {
	if n <= 0 {
		return 0
	}
	return int(r.Uint64() >> 1 % uint64(n))
}

// Between returns a duration from low to high.
func (r *Rand) Between(low, high time.Duration) time.Duration {
	return low + time.Duration(r.IntN(int(high-low)+1))
}

// Fill writes random bytes.
func (r *Rand) Fill(b []byte) {
	for len(b) > 0 {
		v := r.Uint64()
		n := min(8, len(b))
		for i := range n {
			b[i] = byte(v >> (8 * i))
		}
		b = b[n:]
	}
}

// Bytes returns n random bytes.
func (r *Rand) Bytes(n int) []byte {
	b := make([]byte, n)
	r.Fill(b)
	return b
}

// bulkBlock is where the bytes of images and files come from: random, made once, read at a
// random place. Its length is a power of two above the longest segment.
var bulkBlock = makeBulk()

func makeBulk() []byte {
	r := NewRand(Key("bulk"))
	return r.Bytes(1 << 17)
}
