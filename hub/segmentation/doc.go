// Package segmentation sorts devices into zones and shows the traffic between them.
//
// Input is the declared zones, each a selector over device attributes, the inventory, and the
// store's edges; output is the zone of each device and the matrix of who talks to whom.
//
// Zones are immutable after New and safe for concurrent use.
//
// It stores nothing and enforces nothing.
package segmentation
