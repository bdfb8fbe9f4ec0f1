// Package row holds events as they are stored, and how each becomes columns.
//
// In: rows of one table. Out: for each column of the table its name, which is
// the schema's, and the values of all rows in the driver's Go type.
//
// Rows are only read; the values are the caller's. There is no goroutine and
// nothing is kept.
//
// It knows no connection and no SQL, and it checks nothing: event times beyond
// what the columns hold are brought to their bounds.
package row
