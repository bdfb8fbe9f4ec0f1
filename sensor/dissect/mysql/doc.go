// Package mysql reads the MySQL client/server protocol, version 10 (MySQL Internals Manual,
// "Connection Phase"; MariaDB Knowledge Base, "Connecting").
//
// Input is both directions until the login is over. What leaves: the server's product and version,
// whether TLS is used, the way it authenticates, the client's library with its version and the
// operating system it names, the result of the login, the class of account of a password sent in
// clear.
//
// The dissector keeps the account name until the password is seen.
//
// Names of users, databases and programs, statements and results are not read.
//
// Text of the wire leaves as: capability mysql.auth_plugin; os mysql.client_os; software mysql.client_name,
// mysql.server_version.
package mysql
