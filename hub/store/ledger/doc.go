// Package ledger accounts for the numbers of a sensor's batches: which came, which the sensor
// reported as dropped, and which are missing.
//
// Input is runs of numbers that arrived and losses that were reported, as the tables have them;
// output is one account for each boot and day, in which every number has exactly one place.
//
// A Book belongs to the goroutine that fills it and is read once. It starts nothing.
//
// It reads no table; package store does.
package ledger
