// Package amqp reads the opening of AMQP 0-9-1 (AMQP 0-9-1 specification, sections 2.3 and 4.2) and
// AMQP 1.0 (OASIS AMQP 1.0, part 5: SASL).
//
// Input is both directions until the connection is open. What leaves: product, version and platform of
// server and client, the mechanisms offered, the class of account of a login in clear, the result of
// the login.
//
// Nothing is kept but flags.
//
// Names of users, virtual hosts, queues and nodes, and contents, are not read.
//
// Text of the wire leaves as: capability amqp.platform; software amqp.product.
package amqp
