// Package live keeps the inventory up to date with what the store receives.
//
// Input is the store's claims, sightings and services, and the declaration of sites; output is a
// Snapshot that readers take with Current, and the devices and bindings that SQL sees.
//
// Keeper.Run is the one goroutine that resolves; snapshots are immutable and published
// atomically, so a reader never waits for a resolution.
//
// It concludes nothing itself: package inventory does.
package live
