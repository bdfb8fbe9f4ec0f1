// Package bjnp reads Canon's printer discovery protocol, as public descriptions of it say.
//
// Input is single datagrams. What leaves: maker, model and description of the IEEE 1284 identity of
// an answering printer.
//
// Nothing is kept.
//
// Jobs and user names are not read.
//
// Text of the wire leaves as: model bjnp.model; vendor bjnp.manufacturer.
package bjnp
