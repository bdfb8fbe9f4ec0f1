package page

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/wardscope/wardscope/hub/api/problem"
)

const (
	standardPage = 100
	largestPage  = 1000
)

// Size validates the size that was asked for.
func Size(n int32) (int, error) {
	switch {
	case n < 0 || n > largestPage:
		return 0, problem.Field("page_size", fmt.Sprintf("%d is outside 1 to 1,000; 0 means 100", n))
	case n == 0:
		return standardPage, nil
	}
	return int(n), nil
}

// token is what a page token holds: the query that it belongs to, and the place after the page.
type token struct {
	Query string          `json:"q"`
	After json.RawMessage `json:"a"`
}

// Query names a query by everything that decides its answer.
func Query(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:8])
}

// Seal seals the place after a page into a token.
func Seal(query string, after any) (string, error) {
	place, err := json.Marshal(after)
	if err != nil {
		return "", fmt.Errorf("make page token: %w", err)
	}
	text, err := json.Marshal(token{query, place})
	if err != nil {
		return "", fmt.Errorf("make page token: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(text), nil
}

// Open opens a token of the same query; an empty text leaves after as it is.
func Open(text, query string, after any) error {
	if text == "" {
		return nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	var t token
	if err != nil || json.Unmarshal(raw, &t) != nil {
		return problem.Field("page_token", "is none that this hub gave out; leave it empty to begin at the first page")
	}
	if t.Query != query {
		return problem.Field("page_token", "belongs to another query: filter and period must stay the same from page to page; leave it empty to begin anew")
	}
	if json.Unmarshal(t.After, after) != nil {
		return problem.Field("page_token", "is of another version of the hub; leave it empty to begin at the first page")
	}
	return nil
}
