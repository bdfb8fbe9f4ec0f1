// Package opcua reads OPC UA over TCP: OPC 10000-6 (1.05), section 7.1 (connection protocol), 6.7
// (secure conversation) and 5.2 (binary encoding); OPC 10000-4, section 5 (services) and 7
// (application and endpoint descriptions, identity tokens).
//
// Input is the two directions of a connection. What leaves: host and port of the endpoint URL asked for,
// security policies offered and used, security modes offered; of servers and clients the
// application URI and product URI. Findings: a session over a channel without security, an
// anonymous session, a user name token sent in clear.
//
// A dissector keeps the channel's policy. Messages in several chunks, and encrypted ones, are passed over.
//
// It ignores application names (typed by people), session names, user names, node ids and values.
//
// Text of the wire leaves as: capability opcua.security_policy; identifier opcua.application_uri; service_offered
// opcua.endpoint, opcua.endpoint_url; software opcua.product_uri.
package opcua
