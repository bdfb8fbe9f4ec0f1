// Package outlived serves which devices are past support, who could patch them, and what to do.
//
// Input is requests, the inventory of the moment and the advisories in use; output is API messages
// that package legacy's verdicts are shaped into.
//
// A Server is safe for concurrent use, holds nothing between calls and starts no goroutine.
//
// It judges nothing itself.
package outlived
