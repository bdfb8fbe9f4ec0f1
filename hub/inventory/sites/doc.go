// Package sites answers whose an address is and where it stands, by what people declared.
//
// Input is the declaration (state.Sites); output is a Table of prefixes: own, partner or external,
// the site, the department, and the list of prefixes that no declaration names although devices
// live in them.
//
// A Table is immutable and may be shared by any number of goroutines.
//
// It neither stores nor checks the declaration (package state does) and stamps no realms (ingest does).
package sites
