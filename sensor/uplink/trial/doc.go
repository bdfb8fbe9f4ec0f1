// Package trial finds out which of several ways to the hub works, by going them.
//
// Input is the ways of the configuration, in the order in which they are wished; output is a link
// that is the first of them over which the hub lets the sensor in. A way that stops working for
// longer than Patience is given up for the next, and what it had under way is handed to that one
// again: the hub knows batches by their number. What worked is remembered in a file, and tried
// first after a restart.
//
// Run starts one goroutine for the link that it tries, and waits for it. Batches that a link has
// taken and the hub has not confirmed stay here, at most spool.MaxInFlight.
//
// It speaks no protocol itself, and sends nothing to a way that is not of the configuration.
package trial
