// Package tds reads the Tabular Data Stream ([MS-TDS], revision 31.0): SQL Server and Sybase.
//
// Input is packets of both directions until encryption begins or the login is over. What leaves: the
// server's version, whether it encrypts, the client's computer, application and library, and that a
// login was in clear with its class of account.
//
// Nothing is kept but flags.
//
// Names of users and databases, statements and results are not read.
//
// Text of the wire leaves as: hostname tds.hostname; software tds.application, tds.library.
package tds
