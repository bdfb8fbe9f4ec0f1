// Package backup writes everything that a hub must not lose into one file while the hub works, and
// makes a new hub of such a file.
//
// Input of Write is the store, the control state, the stream and the certificate authority's
// folder; output is a tar file: the database, the declarations with ingest's journal, the batches
// that the stream holds and the store has not, the authority, and a manifest with counts and
// checksums. Restore takes the same file into an empty data directory and proves the counts.
//
// Ingest is paused while the database is copied, so that store, journal and batches are of one
// moment: what the journal calls stored is in the copy, and what it does not is in the batches.
// Nothing is started that outlives a call. The file holds keys and is readable by its owner only.
//
// It keeps no schedule and no old backups, and does not back up servers outside of the hub: those
// have means of their own.
package backup
