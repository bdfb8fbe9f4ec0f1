// Package life serves what became of devices over time: one device's history, and which devices
// are new, returned, stale or retired.
//
// Input is requests of an authenticated caller; output is made at the time of the question from
// claims, sightings, days with packets, and people's decisions.
//
// It keeps nothing and starts no goroutine. All methods may be called concurrently.
//
// It judges nothing itself: package lifecycle does.
package life
