// Package agent is the sensor's side of the conversation with its hub about itself: it reports how
// the sensor is, measures the clock against the hub's, and passes on what the hub wants.
//
// Input is a function that fills a report and one that asks the hub; output is the hub's answers,
// handed to the caller one after the other, and the clock offset.
//
// Run works in the goroutine that calls it until its context ends; Offset may be called by any. A
// hub that does not answer costs nothing but the report.
//
// It does nothing of what the hub wants: the caller decides what of that it takes.
package agent
