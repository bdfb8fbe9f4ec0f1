// Package communityid computes the Community ID v1 of a flow, by which an analyst goes from an
// alert of another tool to Wardscope's records and back (github.com/corelight/community-id-spec).
//
// Input is protocol, addresses and ports; output is the text "1:…". It travels neither in
// batches nor in flow tables, because both sides can compute it.
//
// Functions are pure and safe for concurrent use.
//
// Only seed 0 is supported: another seed would make identifiers of two sites incomparable.
package communityid
