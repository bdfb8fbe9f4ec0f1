// Package check says in plain words what keeps a sensor from seeing or telling, and what to do.
//
// Input is the frames of a mirror over half a minute, and the machine: interfaces, privileges,
// memory, disk and clock. Output is results, each with a remedy when something is wrong.
//
// A Watch belongs to the goroutine that gives it frames and costs about 20 MB; the other functions
// look once and keep nothing. No goroutine is started.
//
// It changes nothing on the machine, sends nothing to the mirrored network, and does not talk to
// the hub: that is the probe of package natslink.
package check
