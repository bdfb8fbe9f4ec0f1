// Package answer answers what people ask of devices, flows, exposure and zones.
//
// Input is requests of the public API; output is answers from the store and the inventory, each
// about exposure with the coverage it rests on.
//
// Answers is safe for concurrent use. It keeps one assessment of exposure, which Run renews in the
// goroutine that calls it, and starts none.
//
// It listens to nobody, checks no token and holds no SQL: package api calls it when a caller may ask.
package answer
