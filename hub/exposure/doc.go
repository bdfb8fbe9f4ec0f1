// Package exposure says what is open, to whom, and what is weak.
//
// Input is the sensors' findings, the edges that leave the declared networks, and the inventory;
// output is an Assessment: external peers by device, and findings – one a weakness, service and
// server device, or group of like devices – each with its severity and the reason for it.
//
// Assess is a pure function; its result points into the inventory, which is immutable.
//
// It reads no store, keeps no life cycle, and gives no verdict that it cannot explain: the ratings
// are a data file (rating.yaml) with reason, meaning and remedy for each.
package exposure
