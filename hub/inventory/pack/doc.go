// Package pack reads, writes and keeps knowledge packs: signed, dated archives of tables that
// replace what the program carries.
//
// Input is archives and the public keys that the operator trusts; output is checked tables, what
// they change, and how old each is. A Library watches a folder, so a pack is replaced by a file.
//
// A Pack is immutable. Library.Run is the one goroutine that looks at the folder; readers take the
// newest list atomically and never wait.
//
// It fetches nothing, ever, and understands no table: who uses a kind of table says how to check
// and take it.
package pack
