// Package ingest moves batches from the stream into the store, each exactly once, whatever is
// killed at whatever moment.
//
// Input is the stream's messages by partition, the journal in the key-value store and the
// declaration of sites; output is groups of stamped rows for the store, under tokens, and a
// notice of each group that is stored. The algorithm is decide, insert, commit: which messages
// form the next group is written to the journal before the insert, so that after a crash the same
// group is made again under the same token, and the store drops what it has. Acknowledgements of
// consumers are not used: they are not durable.
//
// Run starts a goroutine for each partition and one that trims the stream, and waits for all.
// Messages and rows belong to the partition that read them until the group is stored; at most
// Config.Slots groups are decoded at a time.
//
// It decides no device identity and never drops a batch it cannot read: those go to quarantine.
package ingest
