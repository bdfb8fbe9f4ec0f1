// Package assets serves asset registers: import with a difference, the match with its quality, and
// the file that goes back.
//
// Input is requests of an authenticated caller; output is registers written to control state, and
// what the newest inventory says about them.
//
// It keeps nothing and starts no goroutine. All methods may be called concurrently.
//
// It reads no file formats and matches nothing itself: package register does.
package assets
