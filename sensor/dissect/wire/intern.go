package wire

import (
	"hash/maphash"
	"net/netip"
	"sync/atomic"

	"github.com/wardscope/wardscope/internal/model"
)

const (
	recentStrings = 1 << 14
	longestRecent = 256 // bytes
)

// recent holds strings that were made lately, by a keyed hash: who sends packets can fill it, not
// steer it. All dissectors of a process share it, so it is read and written without locks.
var (
	recent     [recentStrings]atomic.Pointer[string]
	recentSeed = maphash.MakeSeed()
)

// String is string(b). Names, versions and fingerprints come again and again; one that was made
// lately is handed out once more and allocates nothing. It is not for secrets: a string may
// outlive its conversation by hours.
func String(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	if len(b) > longestRecent {
		return string(b)
	}
	// Two places: with one, two that come in turn would be made anew each time.
	h := maphash.Bytes(recentSeed, b) % recentStrings
	first, second := &recent[h], &recent[h^1]
	held := first.Load()
	if held != nil && *held == string(b) {
		return *held
	}
	if s := second.Load(); s != nil && *s == string(b) {
		return *s
	}
	s := string(b)
	if held != nil {
		second.Store(held)
	}
	first.Store(&s)
	return s
}

// Join is String of all parts, one behind the other.
func Join(parts ...string) string {
	var room [longestRecent]byte
	b := room[:0]
	for _, p := range parts {
		b = append(b, p...)
	}
	return String(b)
}

// Addr is a.String(), made once for an address that was asked for lately.
func Addr(a model.Addr) string {
	if a.IsZero() {
		return ""
	}
	var room [48]byte
	return String(a.Netip().AppendTo(room[:0]))
}

// IsAddr reports whether s is an IP address in the form that people write.
func IsAddr(s string) bool {
	if s == "" {
		return false
	}
	colon := false
	for i := range len(s) {
		colon = colon || s[i] == ':'
	}
	if !colon && (s[0] < '0' || s[0] > '9') {
		return false // most are names, and to be told why costs an allocation
	}
	_, err := netip.ParseAddr(s)
	return err == nil
}
