// Package managed keeps the configuration that the hub gave a sensor, and tries each version before
// it trusts it.
//
// Input is versions as the hub gives them, and a function that says whether the sensor can work with
// one; output is the version in force, and which one was refused with the reason. A version that
// ends the sensor before the hub has answered is given up after three starts, and the one before it
// is in force again: otherwise it could never be taken back.
//
// It owns one file, which it replaces atomically and never leaves without the version before. It
// starts no goroutine; its methods may be called concurrently.
//
// It does not know what a configuration says, and does not end the program.
package managed
