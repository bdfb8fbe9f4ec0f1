// Package fleet holds the machines of a generated health system: which kinds and products there
// are, how their operating systems look on the wire, and which of them stand at which site.
//
// Input is a Scenario and a seed; output is a Health with the Devices of all sites, each with
// names, addresses, serial number and network.
//
// All values are made once by New and not changed by this package afterwards; the caller may
// change a device before it plans with it. There are no goroutines.
//
// It says nothing of what the machines do: package hospital plans that.
package fleet
