// Package enrol makes a machine a sensor of a hub, by a token that is good once.
//
// Input is the hub's address, the token and the name of the mirror's interface; output is a folder
// with certificate and key, the hub's authority and a configuration file, which `run` takes as is.
//
// The key is made here and never leaves; it lies on disk before the hub is asked, so that an answer
// that got lost can be asked for again with the same token. No goroutine is started.
//
// Nothing is said to a hub whose authority does not have the fingerprint in the token: there is no
// trust on first use. It does not look at the mirror: that is package check.
package enrol
