// Package filter reads the filters of the API (a subset of AIP-160) and holds values against them.
//
// Input is a filter's text and the fields that it may name; output is a Filter that matches
// anything which can tell its fields' values, or an Error that names the field, the place and what
// was probably meant.
//
// A Filter is immutable after Parse and safe for concurrent use.
//
// It knows nothing of devices, flows or SQL. Supported: field = value, != < <= > >=, field:value
// (contains, or is present with field:*), bare words (anywhere), AND, OR, NOT, -, parentheses,
// quotes, a * at either end of a value. As AIP-160 has it, OR binds tighter than AND. Comparisons
// ignore case; addresses compare with prefixes.
package filter
