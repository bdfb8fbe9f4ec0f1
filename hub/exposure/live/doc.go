// Package live keeps the assessment of exposure up to date with the inventory.
//
// Input is the inventory's snapshot and the store's joined findings and external edges; output is
// the assessment of all that is held, which lists and counts rest on, or of one period.
//
// Keeper.Run is the one goroutine that renews, owned by its caller; an assessment is immutable, so
// a reader never waits while Run renews it. Without Run, readers assess by themselves.
//
// It judges nothing itself: package exposure does.
package live
