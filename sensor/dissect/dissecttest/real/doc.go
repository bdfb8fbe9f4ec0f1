// Package real holds the sensor to captures of real software, made by run.sh in network namespaces.
//
// Input is the captures in testdata; output is test failures, and the golden files when the test runs with
// -update.
//
// Everything runs in the calling test's goroutine and the pipeline's own.
//
// It does not run the software: that needs root and the packages that testdata/SOURCES.md names.
package real
