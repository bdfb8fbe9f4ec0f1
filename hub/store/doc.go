// Package store keeps what sensors saw and what the hub concluded, in
// ClickHouse: in this process by default, in a server or cluster by DSN, with
// the same driver and the same SQL (see package engine).
//
// In: groups of stamped rows from ingest (InsertGroup), each under a token, so
// that the same group again changes nothing, in tables and views alike; devices
// and bindings from the inventory; audit rows. Out: typed reads (Flows, Edges,
// External, Claims, Findings, Coverage, Ledger, Devices …), whose SQL lies in query/*.sql,
// and SQL written by people (Query), on a locked-down connection that sees an
// allowed list of tables within the caller's sites.
//
// A Store is made by Open, which starts the engine or connects, and runs the
// migrations of schema/*.sql; it is safe for concurrent use, starts no
// goroutine of its own, and is ended by Close. Rows given to it are only read.
// Rows that it hands to a callback are valid during the call.
//
// It does not decide: no realm stamping, no device identity, no finding life
// cycle, no rights; it never retries, since ingest alone knows what is under way.
package store
