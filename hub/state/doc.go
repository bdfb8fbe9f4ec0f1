// Package state keeps what the hub must remember besides events: what people declared (sites,
// zones, sensors, who is shut out, the administrator's token) and ingest's journal and leases.
//
// Input and output are typed documents in three JetStream key-value buckets. Every change is a
// compare-and-set on the revision that the caller read, so two hubs or two people never
// overwrite each other unseen.
//
// A State owns no memory beyond its handles and starts no goroutine; watches run in the
// goroutine that calls them, until its context ends. All methods may be called concurrently.
//
// It does not decide who may change what (package access), and holds nothing of what sensors saw
// (package store).
package state
