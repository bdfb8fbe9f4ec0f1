// Package observe turns what the dissectors say into what is worth sending: claims and findings
// deduplicated, personal networks left out and counted, events gathered into sealed batches.
//
// Input is observations, findings and flow records of one shard (Collector), and events of all
// shards (Sealer); output is events to a Sink, and encoded batches of at most 1 MiB.
//
// A Collector is owned by its shard's goroutine, a Sealer by the one that drains the shards.
// Neither starts goroutines; time is the packets' time, handed in.
//
// It does not keep batches (spool, uplink) and never retries.
package observe
