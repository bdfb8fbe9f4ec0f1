// Package curate serves what people decide about devices: corrections, joins, splits, labels, and
// their undoing.
//
// Input is requests of an authenticated caller; output is decisions written to control state, and
// the devices as they are after the next resolution, which it asks for at once.
//
// It keeps nothing and starts no goroutine. All methods may be called concurrently.
//
// It concludes nothing: package correction says what decisions mean, package inventory obeys them.
package curate
