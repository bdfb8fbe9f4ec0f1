// Package fleet adds sensors to the system and shuts them out again.
//
// Input is names of sites and sensors; output is everything that a new sensor needs to connect
// (certificate, key, authority, address, a configuration to start from), entries in control state,
// and connections cut.
//
// A Fleet holds no state of its own and starts no goroutine; its methods may be called
// concurrently. A sensor's private key exists only in the answer to Add.
//
// It does not judge whether a sensor is healthy: that follows from what the store has of it, and
// Health only puts it into words.
package fleet
