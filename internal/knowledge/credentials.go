package knowledge

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"strings"
	"sync"
)

// CredentialsDate is the day of the bundled list: DefaultCreds-cheat-sheet (MIT), reduced to digests.
const CredentialsDate = "2026-07-09"

//go:generate go run ./gen credentials

//go:embed credentials.tsv
var credentialFile string

// The key is public: it keeps the table from being a word list, not from being guessed.
const digestKey = "wardscope default credential 1"

// Default is a published default credential.
type Default struct {
	ID       string // stable, from the digest, e.g. "default-3fa91c07"
	Products string // makers or products that shipped it, "a, b and 12 more"
}

var loadCredentials = sync.OnceValue(func() map[string]Default {
	table := map[string]Default{}
	for line := range strings.Lines(credentialFile) {
		digest, products, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		if ok {
			table[digest] = Default{ID: "default-" + digest[:8], Products: products}
		}
	}
	return table
})

// Digest is the form in which credentials are compared: 16 bytes in hexadecimal. The user name
// is compared without regard to case, the password with it.
func Digest(user, password string) string {
	d := digest(user, password)
	return string(d[:])
}

// digest is HMAC-SHA256 (RFC 2104) without what crypto/hmac allocates: it runs for each login.
func digest(user, password string) (out [32]byte) {
	var innerRoom, outerRoom [sha256.BlockSize + 128]byte
	inner, outer := innerRoom[:sha256.BlockSize], outerRoom[:sha256.BlockSize]
	copy(inner, digestKey)
	copy(outer, digestKey)
	for i := range sha256.BlockSize {
		inner[i] ^= 0x36
		outer[i] ^= 0x5c
	}
	inner = append(append(inner, strings.ToLower(user)...), 0)
	sum := sha256.Sum256(append(inner, password...))
	sum = sha256.Sum256(append(outer, sum[:]...))
	hex.Encode(out[:], sum[:16])
	return out
}

// MatchDefault tells whether a credential seen in clear equals a published default. Neither
// argument is kept.
func MatchDefault(user, password string) (Default, bool) {
	sum := digest(user, password)
	d, ok := loadCredentials()[string(sum[:])]
	return d, ok
}

// CommunityUser stands for the user name of an SNMP community string, which has none.
const CommunityUser = "\x00snmp-community"

// MatchCommunity tells whether an SNMP community string is a published default.
func MatchCommunity(community string) (Default, bool) { return MatchDefault(CommunityUser, community) }

// AccountClass reduces an account name to a class, the only form in which it may leave a sensor.
func AccountClass(user string) string {
	switch u := strings.ToLower(strings.TrimSpace(user)); {
	case u == "":
		return "empty"
	case u == "anonymous" || u == "guest" || u == "ftp":
		return "anonymous"
	case u == "root" || u == "admin" || u == "administrator" || u == "sa" || u == "supervisor" || u == "system":
		return "administrator"
	case u == "service" || u == "operator" || u == "user" || u == "test" || u == "tech" || u == "maint" || strings.HasPrefix(u, "svc"):
		return "service"
	}
	return "other"
}
