package identity

import (
	"cmp"
	"crypto/sha256"
	"encoding/base32"
	"strings"

	"github.com/wardscope/wardscope/internal/model"
)

// Endpoint is what a device is known by: a link address on its own segment, else an address
// within a realm, else a part behind one of these.
type Endpoint struct {
	Realm model.Realm
	MAC   model.MAC  // 0 when known by address alone
	Addr  model.Addr // valid iff MAC is 0
	Part  string     // "scheme:value" of what is behind it
}

// Key is the endpoint's text form, of which its stable id is a hash.
func (e Endpoint) Key() string {
	k := "ip|" + string(e.Realm) + "|" + e.Addr.String()
	if e.MAC != 0 {
		k = "mac|" + string(e.Realm) + "|" + e.MAC.String()
	}
	if e.Part != "" {
		k += "|part|" + e.Part
	}
	return k
}

// Host is the endpoint without the part behind it.
func (e Endpoint) Host() Endpoint {
	e.Part = ""
	return e
}

// Compare orders endpoints.
func Compare(a, b Endpoint) int {
	return cmp.Or(cmp.Compare(a.Realm, b.Realm), cmp.Compare(a.MAC, b.MAC), cmp.Compare(a.Addr.Hi, b.Addr.Hi), cmp.Compare(a.Addr.Lo, b.Addr.Lo), strings.Compare(a.Part, b.Part))
}

var idText = base32.NewEncoding("abcdefghijkmnpqrstuvwxyz23456789").WithPadding(base32.NoPadding)

// ID is short enough to type and long enough not to collide: 65 bits.
func (e Endpoint) ID() string {
	sum := sha256.Sum256([]byte(e.Key()))
	return "d-" + idText.EncodeToString(sum[:])[:13]
}
