// Package mongodb reads the MongoDB wire protocol (MongoDB manual, "Wire Protocol"; Handshake and SASL
// specifications) with BSON 1.1.
//
// Input is both directions until the handshake is over and the first commands were answered. What
// leaves: the client's driver and operating system, the server's version or generation, its own name
// as a member of a replica set, the mechanism of logins, the class of account of a PLAIN login,
// commands as counted operations, that commands are answered without a login.
//
// Messages longer than the buffer are passed over without being read. Nothing is kept but flags.
//
// Names of databases, collections and applications, documents and queries are not read.
//
// Text of the wire leaves as: hostname mongodb.me; os mongodb.os; software mongodb.build_info, mongodb.driver.
package mongodb
