// Package flowmap adds flows up to who talks to whom: by device, group or site.
//
// Input is the store's edges, each conversation counted once although several sensors may have
// seen it, and the inventory of the moment; output is edges between named nodes, largest first.
//
// Build is a pure function; what it returns points into the inventory, which is immutable.
//
// It reads no store and joins nothing across realms: an address means nothing outside its own.
package flowmap
