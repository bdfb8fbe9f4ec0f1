// Package identity decides which endpoints are adapters of one machine.
//
// Input is what is known of endpoints: strong identifiers, host names, and ports that machines
// name themselves; output is which endpoints unite, and why.
//
// A Joiner belongs to one goroutine and keeps no memory of the caller's.
//
// It never unites on a name alone, and reads no claims: package inventory does.
package identity
