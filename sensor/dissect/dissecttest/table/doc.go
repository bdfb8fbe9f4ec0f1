// Package table writes the table of protocols in the sensor's README from what the protocol folders hold.
//
// Input is the folder sensor/dissect: package comments, golden files, SOURCES.md, fuzz.tsv (written by
// internal/tools/fuzz/run.sh), and absent.tsv of this package, which says why a protocol has no folder; output
// is Markdown.
//
// It reads files only while Generate runs, and keeps nothing.
//
// It does not judge what a test proves: a kind of claim or a rule stands in the table iff a golden file, or
// for protocols without one the code, has it.
package table
