// Package page divides long answers into pages.
//
// Input is the page size and the page token of a request; output is the token of the next page,
// which names the query that it belongs to and the place after the page.
//
// It holds nothing between calls and starts no goroutines; what it returns belongs to the caller.
//
// A token is no secret and no proof: it grants nothing that the caller may not ask anyway, and one
// of another query, or of another version of the hub, is refused.
package page
