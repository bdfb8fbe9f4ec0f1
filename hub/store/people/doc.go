// Package people runs SQL that people write.
//
// In: a statement, the sites of its author, and limits. Out: rows of values that
// JSON can say, or a StatementError that says why the statement is refused.
//
// A Reader holds a pool that is used for nothing else, whose settings each
// request makes final before it runs. It is safe for concurrent use and starts
// no goroutine; the pool stays its maker's.
//
// It knows no person and no right: who may ask for which sites is decided
// before. It does not read statements with a parser of its own: what a
// statement may see is judged by the engine's own parse.
package people
