// Package facts serves what answers rest on besides observations: the list of knowledge tables,
// signed packs, and the published advisories about a device.
//
// Input is requests of an authenticated caller; output is what the library of packs and the
// advisories in use say, each with its date.
//
// It keeps nothing and starts no goroutine. All methods may be called concurrently.
//
// It neither reads packs nor matches advisories itself: packages pack and advisory do.
package facts
