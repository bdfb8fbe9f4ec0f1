// Package reference generates the two captures that performance is measured on: a mix of
// hospital traffic by shares of packets with 4,000 sessions alive at once, and a million flows
// that are all alive so that each packet's flow is a cache miss.
//
// Input is a count of packets and a seed; output is one frame after another with its virtual
// time, and the amounts by category.
//
// A load belongs to the goroutine that calls Next; a frame is valid until the next call. Memory
// is constant: the sessions alive, and nothing a packet.
//
// It models no site: addresses are drawn at random, and there is no truth but the amounts.
package reference
