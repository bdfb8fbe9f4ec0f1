// Package model is Wardscope's vocabulary: the names and plain types that sensor and hub
// share – addresses, endpoints, subjects, flows, observations, findings, statistics, losses.
//
// Input is nothing and output is nothing: the package holds values and the few functions that
// keep them well formed, among them Text, the only way a string from the wire becomes a value.
//
// All types are plain values without goroutines. Slices inside a Flow or Batch belong to
// whoever built it; a receiver that keeps one longer than the call copies it.
//
// It does not parse packets, encode messages or know of any transport or store, and it imports
// nothing but the standard library.
package model
