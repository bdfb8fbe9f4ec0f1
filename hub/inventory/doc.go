// Package inventory concludes which devices there are, and what each is, from the claims of sensors.
//
// Input is claims, sightings of addresses behind link addresses, and services that flows show;
// output is an Inventory: devices whose every attribute lists its evidence, and the bindings that
// say which device an address was, and when. Resolve is a pure function: any order of arrival
// gives the same devices under the same ids.
//
// An Inventory is immutable and may be shared by any number of readers. Keeper owns the one
// goroutine that resolves again when something arrived, and publishes the result atomically.
//
// It writes no SQL, knows no transport, and never merges on weak evidence: two rows for one
// device can be mended later, one row for two devices hides a device.
package inventory
