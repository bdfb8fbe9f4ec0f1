// Package archtest holds the tests that keep the house in order. It has no code of its own.
//
// They read the source of all four modules: the import table of ARCHITECTURE.md, package documentation, names and
// budgets, the modules that each program links, the Go version of every go.mod, fuzz targets of dissectors, and the
// calls that a capture socket must never make. What they find is printed with the file and the rule.
//
// A test here starts the go command and, where the build provides it, buf; nothing outlives the test.
//
// It judges no behaviour and no style that the linter can judge. Run it with -count=1 (as `make arch` does): the test
// cache does not see a changed import in another module.
package archtest
