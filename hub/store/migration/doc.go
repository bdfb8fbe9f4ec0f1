// Package migration brings a database to the schema of this program, and
// tables to the retention that is configured.
//
// In: a connection and the form of the database (embedded, server, cluster);
// the statements are in schema/*.sql, numbered, one a file, never edited after
// release. Out: tables and views, and a row in schema_migrations for each file.
//
// It runs in the caller's goroutine, under a lock that all hubs of a database
// see, and keeps nothing.
//
// It does not read or write events, and it never goes back: a database of a
// newer program is refused.
package migration
