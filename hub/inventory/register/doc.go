// Package register holds asset registers and makers' disclosures against the inventory.
//
// Input is a file (CSV, NetBox's JSON, MDS2 as CSV) with a mapping of its columns, and a resolved
// inventory; output is the entries, the difference to the last import, a match with its quality
// (in both, only in the register, only on the wire, contradictory, not observable), attributes
// with the register as evidence, and a file in the register's own columns.
//
// All functions are pure; results share no memory with what they were made of but the devices
// that a Match points to.
//
// It keeps nothing (package state does), and never lets a register decide which device is which.
package register
