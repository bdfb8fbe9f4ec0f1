// Package correction turns what people decided about devices into what the inventory obeys: joins,
// splits, corrected attributes, labels.
//
// Input is the log of decisions as package state keeps it, in any order; output is a Set that the
// resolver asks which endpoints are one device and which values stand.
//
// A Set is immutable and safe for concurrent use; its methods work on a nil Set, which holds no
// decision.
//
// It stores nothing, resolves nothing and checks no rights. Decisions name endpoints, never device
// ids, so they outlive every resolution and restart.
package correction
