// Package postgresql reads the frontend/backend protocol of PostgreSQL, version 3 (PostgreSQL 17,
// chapter 53).
//
// Input is both directions until the session is ready. What leaves: the server's version, whether
// TLS is used, that a login was in clear with its class of account, the way it authenticates.
//
// The dissector keeps the account name until the password is seen.
//
// Names of users and databases, statements and results are not read.
//
// Text of the wire leaves as: software postgresql.server_version.
package postgresql
