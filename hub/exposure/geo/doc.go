// Package geo tells the country and the autonomous system of an address on the internet.
//
// Input is a folder with country.mmdb and asn.csv, filled by `make deps` or the image; output is a
// Place per address, empty where nothing is known or nothing was loaded.
//
// A Table is immutable after Open and safe for concurrent use; it holds about 60 MB.
//
// It asks nobody: no look-up leaves the hub.
package geo
