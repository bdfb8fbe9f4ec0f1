// Package subject names everything that sensor and hub say to each other over NATS: subjects,
// the stream, the key-value buckets and their keys. Nothing else spells them.
//
// Input is identities of sites, sensors and batches; output is strings, and the same identities
// parsed back out of them with every part checked.
//
// All functions are pure; the package owns no memory and starts no goroutine.
//
// It does not connect to anything and imports no NATS code.
package subject
