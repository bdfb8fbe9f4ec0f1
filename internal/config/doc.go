// Package config reads one YAML file and the environment into a typed value, and explains
// everything that is wrong with them at once.
//
// Input is a file, environment variables and a struct with yaml tags that holds the defaults;
// output is the struct filled, or an error with one line a fault: file, line, key, value, and
// what is allowed.
//
// Nothing is kept after Load returns; there are no goroutines.
//
// It knows no key of any program: those stand beside the packages they configure.
package config
