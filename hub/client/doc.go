// Package client is the Go client of the hub's API.
//
// Input is a hub's address, its CA and a token; output is the generated clients of all services,
// on one connection.
//
// A Client is safe for concurrent use and ended by Close, which ends open calls too.
//
// It retries nothing and keeps nothing on disk.
package client
