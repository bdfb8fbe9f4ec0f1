// Package doctor says in plain words what is wrong with a hub or would stop it, and what to do.
//
// Input is facts that others collected: the data directory, the engine, ingest, certificates,
// sensors and knowledge; output is one check a line, with a level and a remedy.
//
// It is pure: it owns nothing, starts nothing and asks nobody.
//
// It mends nothing.
package doctor
