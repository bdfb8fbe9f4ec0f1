// Package legacy says which devices are past support, how sure that is, who could patch them, and
// what to do: patch, replace, or segment and leave alone.
//
// Input is devices with their attributes, the advisories in use and today's date; output is a
// Verdict a device, with reasons and the evidence that they rest on.
//
// A Table is read once and immutable; any number of goroutines may judge with it.
//
// It fences nothing: what to fence off from whom is segmentation's.
package legacy
