// Package operate answers what operators ask about the sensors as machines: the ledger of what
// they sent.
//
// Input is requests and the store's accounts; output is messages of the public API.
//
// It owns nothing and starts nothing: handlers run in the goroutines of the API's server.
//
// It holds no SQL, and does not authorise: package api has done that before a handler runs.
package operate
