package mtls

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
)

// Token is what one sensor enrols with, once. It carries the fingerprint of the hub's authority, so
// that the sensor knows its hub before it says anything.
type Token struct {
	Fingerprint [sha256.Size]byte // of the authority's certificate
	Secret      [tokenSecret]byte // the hub keeps its digest only
}

const (
	tokenPrefix = "wset_"
	tokenSecret = 24 // bytes of randomness: nobody guesses 192 bits
	tokenCheck  = 4  // bytes by which a mistyped one is noticed
)

// ErrToken says that a text is no whole token.
var ErrToken = errors.New("this is no whole token: it was cut off or mistyped")

// NewToken makes one for an authority.
func NewToken(authority [sha256.Size]byte) Token {
	t := Token{Fingerprint: authority}
	_, _ = rand.Read(t.Secret[:]) // never fails: crypto/rand ends the program instead
	return t
}

// String is the text that people copy.
func (t Token) String() string {
	raw := append(t.Fingerprint[:], t.Secret[:]...)
	sum := sha256.Sum256(raw)
	return tokenPrefix + base64.RawURLEncoding.EncodeToString(append(raw, sum[:tokenCheck]...))
}

// SecretText is the part that only token and hub know.
func (t Token) SecretText() string { return base64.RawURLEncoding.EncodeToString(t.Secret[:]) }

// ParseToken reads a text that people copied; spaces and line breaks in it do no harm.
func ParseToken(text string) (Token, error) {
	text, ok := strings.CutPrefix(strings.Join(strings.Fields(text), ""), tokenPrefix)
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if !ok || err != nil || len(raw) != sha256.Size+tokenSecret+tokenCheck {
		return Token{}, ErrToken
	}
	body, check := raw[:sha256.Size+tokenSecret], raw[sha256.Size+tokenSecret:]
	if sum := sha256.Sum256(body); !bytes.Equal(sum[:tokenCheck], check) {
		return Token{}, ErrToken
	}
	t := Token{Fingerprint: [sha256.Size]byte(body)}
	copy(t.Secret[:], body[sha256.Size:])
	return t, nil
}
