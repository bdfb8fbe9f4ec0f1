// Package ownrules keeps a site's own rule files in use while the hub runs.
//
// Input is a folder of YAML files; output is a knowledge.Set handed on whenever the files changed
// and hold no fault, and differences between two inventories, so that a change can be tried first.
//
// A Folder is safe for concurrent use; Run is the one goroutine that looks at the disk.
//
// A file with a fault changes nothing: what was in use stays in use, and the status says why.
package ownrules
