// Command eval holds the inventory against labelled captures and simulated hospitals.
//
// Input is the sensor's events of each capture, read as a site of its own; output is the result
// file that the captures' ruler wants, the ruler's table, and a verdict against thresholds.
//
// One goroutine a processor runs the sensor over one capture at a time; nothing is kept between two.
//
// It judges nothing itself: score_devices.py beside the captures does, and what a simulated
// hospital holds is told by the simulator.
package main
