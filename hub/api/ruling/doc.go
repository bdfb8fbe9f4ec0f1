// Package ruling serves a site's own rules: which are in use, and what a change would do.
//
// Input is requests and the files of the hub's folder; output is API messages. Trying a file
// resolves the whole inventory by it and compares; at most one try runs at a time.
//
// A Server is safe for concurrent use and starts no goroutine.
//
// It keeps no file: who may write into the hub's folder decides what is in use.
package ruling
