// Package needs serves who needs whom: for each device the services it offers and uses, and which
// kinds of devices hang on it.
//
// Input is requests, the store's edges and the inventory of the moment; output is API messages
// that package flowmap's needs are shaped into, with the coverage that they rest on.
//
// A Server is safe for concurrent use, holds nothing between calls and starts no goroutine.
//
// It weighs nothing itself: what a kind of device is to care is flowmap's table.
package needs
