// Package lifecycle tells what became of devices over time: new, active, away, returned, retired,
// and what changed about each.
//
// Input is a resolved inventory, the days on which addresses sent, and the claims about a device;
// output is a state by device and a history by device, newest last.
//
// All functions are pure. Nothing here is kept: a better resolution tomorrow changes the history
// of all devices at once, as it changes their identity.
//
// It never takes a silent site for a dead device: time is held against the last moment at which
// the device's site was seen, not against the clock.
package lifecycle
