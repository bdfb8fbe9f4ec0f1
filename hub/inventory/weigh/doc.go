// Package weigh concludes what one device is from what is said about it.
//
// Input is facts, read by the rules of a knowledge set; output is attributes, each with a value, a
// calibrated confidence, its evidence and what speaks against it. The order of the facts does not
// matter.
//
// A Weigher serves one device and one goroutine.
//
// It does not know which facts are about the device: who that is, inventory has decided before.
package weigh
