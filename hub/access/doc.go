// Package access decides who a caller is and what they may do.
//
// Input is the bearer token of a call; output is a Principal, or ErrDenied.
//
// A Guard remembers good tokens for a few seconds, by digest, and is safe for concurrent use; it
// starts no goroutine. It never holds a token.
//
// It keeps no tokens (package state has their digests) and knows no transport. So far there is
// one principal, the administrator.
package access
