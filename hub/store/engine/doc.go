// Package engine runs the ClickHouse engine inside this process.
//
// In: a folder for the data and the shared library libchdb.so, bound without
// a C compiler. Out: an http.RoundTripper, so that the ordinary driver
// (clickhouse-go, protocol HTTP) runs its requests on the library instead of
// on a socket. Thus the store knows one driver and one SQL dialect, whether
// its server is a process of its own or this package.
//
// The Engine owns its connections, which are C memory, and hands each to one
// request at a time; a request's goroutine stays in the C call until the
// statement ends or its context does, and then kills it and waits. A response
// body streams from the engine and holds its connection until it is closed.
// One process can have one engine open, since the library is a singleton, and
// one engine owns its folder by a lock.
//
// It knows nothing of tables, migrations or rights; package store does.
package engine
