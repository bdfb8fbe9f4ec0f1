// Package operate answers what operators ask about the sensors as machines: the ledger of what
// they sent, pause, resume and restart, the versions of their configuration, and
// how these are given out in stages.
//
// Input is requests, the store's accounts, and what sensors reported; output is messages of the
// public API, and wishes in control state that sensors follow by themselves.
//
// It owns nothing and starts nothing: handlers run in the goroutines of the API's server.
//
// It holds no SQL, and does not authorise: package api has done that before a handler runs.
package operate
