// Package storetest opens a real store for tests.
//
// In: a test. Out: a *store.Store on the embedded engine in a folder of the
// test's own, migrated and empty.
//
// The engine is one a process, so tests of one binary that hold a store run
// one after the other: Open waits until the test before has ended, also under
// t.Parallel. A test must not call Open twice. The store is closed and its
// folder removed when the test ends.
//
// It does not fake anything: where the engine's library is missing, the test
// is skipped with the paths looked at, or fails when E2E_REQUIRED=1.
package storetest
