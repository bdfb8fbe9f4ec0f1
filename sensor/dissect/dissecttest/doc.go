// Package dissecttest is the suite that every protocol runs through: goldens, every split of the
// stream, loss, truncation, mutation, foreign traffic, memory, canaries,
// long inputs byte by byte, and which text leaves.
//
// Input is a protocol and the conversations in its testdata folder; output is test failures, and
// the golden files when the tests run with -update.
//
// Everything runs in the calling test's goroutine, on Runtimes of its own.
//
// It does not judge whether a golden is right: that is the reviewer's part. Every field
// that may be text is replaced by a mark in turn: where a mark comes out has to stand in
// testdata/leaves.golden and in the package comment, and nowhere else may one come out. Secrets and names of
// people in testdata contain the word CANARY; the suite fails if one comes out.
package dissecttest
