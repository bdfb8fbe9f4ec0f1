// Package track turns packets into flows and ordered stream segments: it finds the conversation
// that a packet belongs to, counts it, follows TCP's state, tells what the mirror shows twice
// from what was sent twice, and puts TCP back into order for as long as somebody wants the bytes.
//
// Input is decode.Packet views in order of arrival (Table.Packet) and the clock (Table.Advance).
// Output goes to three places that this package declares and later stages implement: flow
// records to a Sink, stream bytes to a Reader, and counters by domain, VLAN and minute through
// Table.DrainStats. The usual life of a Table:
//
//	seed := track.NewSeed()                      // one a process; seed.Shard(&p, n) picks the table
//	t, err := track.New(cfg, track.Deps{Seed: seed, Reader: r, Sink: s})
//	t.Packet(&p) …  t.Advance(now) once a second  t.DrainStats(now, emit) once a minute
//	t.Flush(model.EndForced); t.DrainStats(math.MaxInt64, emit)
//
// A Table belongs to one goroutine. Records are flat, free of pointers, 128 bytes and 32 that
// few packets need, and live in chunks that are never moved or copied; what a Sink, Reader or emit function is handed is valid
// during the call only. A packet of a known flow allocates nothing (TestKnownFlowAllocs).
//
// It does not look into payloads: a Reader does. It starts no goroutine and reads no clock but
// the packets' own and Advance's.
package track
