// Package pipeline joins the sensor's stages: capture → decode → track → dissect → observe, and
// from there to JSON lines (Read) or to batches for the hub (Run).
//
// Input is capture sources and a configuration; output is events, as text or as sealed batches
// in an uplink's queue.
//
// Every shard is one goroutine that owns its decoder, flow table, dissectors and claims, so the
// packet path takes no lock. Read and Run start the shards and wait for them.
//
// It holds no logic of protocols, flows or delivery: those are the packages that it joins.
package pipeline
