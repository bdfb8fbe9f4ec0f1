package engine

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"unsafe"

	"github.com/ebitengine/purego"
)

// MissingError says that the engine's library is nowhere to be found. A
// program ends with exit code 3 (dependency missing) on it.
type MissingError struct {
	Looked []string // absolute paths, in the order of the search
}

func (e *MissingError) Error() string {
	return fmt.Sprintf("clickhouse engine libchdb.so not found: run `make deps` (looked at %s)",
		strings.Join(e.Looked, ", "))
}

// Candidates lists where the library may be, in search order:
// $WARDSCOPE_CHDB, $WARDSCOPE_CACHE/chdb/libchdb.so, the user's cache folder,
// the packages' folder.
func Candidates() []string {
	var out []string
	if p := os.Getenv("WARDSCOPE_CHDB"); p != "" {
		out = append(out, p)
	}
	if p := os.Getenv("WARDSCOPE_CACHE"); p != "" {
		out = append(out, filepath.Join(p, "chdb", "libchdb.so"))
	}
	if p, err := os.UserCacheDir(); err == nil {
		out = append(out, filepath.Join(p, "wardscope", "chdb", "libchdb.so"))
	}
	return append(out, "/usr/lib/wardscope/libchdb.so")
}

// Locate returns the library to load: explicit when it is set, else the first
// candidate that exists. Its error is a *MissingError.
func Locate(explicit string) (string, error) {
	looked := Candidates()
	if explicit != "" {
		looked = []string{explicit}
	}
	for _, p := range looked {
		if st, err := os.Stat(p); err == nil && st.Mode().IsRegular() {
			return p, nil
		}
	}
	return "", &MissingError{Looked: looked}
}

// library holds the few C functions of libchdb.so that the engine needs.
// Handles are kept as uintptr: they point into C memory, never into Go's.
type library struct {
	connect       func(argc int32, argv **byte) uintptr
	closeConn     func(conn uintptr)
	queryParams   func(conn uintptr, q *byte, qn uintptr, f *byte, fn uintptr, names **byte, nameLens *uintptr, values **byte, valueLens *uintptr, n uintptr) uintptr
	streamParams  func(conn uintptr, q *byte, qn uintptr, f *byte, fn uintptr, names **byte, nameLens *uintptr, values **byte, valueLens *uintptr, n uintptr) uintptr
	streamFetch   func(conn uintptr, stream uintptr) uintptr
	streamCancel  func(conn uintptr, stream uintptr)
	destroy       func(result uintptr)
	buffer        func(result uintptr) uintptr
	length        func(result uintptr) uintptr
	resultError   func(result uintptr) uintptr
	signalHandler func(enabled bool)
}

var (
	loadMu sync.Mutex
	loaded = map[string]*library{} // a library is loaded once and never unloaded: it owns threads
)

func load(path string) (*library, error) {
	loadMu.Lock()
	defer loadMu.Unlock()
	if lib := loaded[path]; lib != nil {
		return lib, nil
	}
	handle, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return nil, fmt.Errorf("load clickhouse engine %s: %w", path, err)
	}
	lib := &library{}
	symbols := []struct {
		name string
		fn   any
	}{
		{"chdb_connect", &lib.connect},
		{"chdb_close_conn", &lib.closeConn},
		{"chdb_query_with_params_n", &lib.queryParams},
		{"chdb_stream_query_with_params_n", &lib.streamParams},
		{"chdb_stream_fetch_result", &lib.streamFetch},
		{"chdb_stream_cancel_query", &lib.streamCancel},
		{"chdb_destroy_query_result", &lib.destroy},
		{"chdb_result_buffer", &lib.buffer},
		{"chdb_result_length", &lib.length},
		{"chdb_result_error", &lib.resultError},
		{"chdb_set_signal_handlers_enabled", &lib.signalHandler},
	}
	var errs []error
	for _, s := range symbols {
		addr, err := purego.Dlsym(handle, s.name)
		if err != nil {
			errs = append(errs, fmt.Errorf("load clickhouse engine %s: %w", path, err))
			continue
		}
		purego.RegisterFunc(s.fn, addr)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	lib.signalHandler(false) // Go owns the signals: must come before the first connection
	loaded[path] = lib
	return lib, nil
}

// open makes one connection; 0 means failure, whose reason the library has
// written to stderr.
func (l *library) open(args []string) uintptr {
	argv := make([]*byte, len(args)+1)
	for i, a := range args {
		argv[i] = cString(a)
	}
	var pin runtime.Pinner
	defer pin.Unpin()
	for _, p := range argv[:len(args)] {
		pin.Pin(p)
	}
	h := l.connect(int32(len(args)), &argv[0])
	runtime.KeepAlive(argv)
	return h
}

// params are the bound {name:Type} parameters of one statement, in C form.
type params struct {
	names, values       []*byte
	nameLens, valueLens []uintptr
}

func newParams(m map[string]string) *params {
	p := &params{}
	for k, v := range m {
		p.names = append(p.names, cString(k))
		p.nameLens = append(p.nameLens, uintptr(len(k)))
		p.values = append(p.values, cString(v))
		p.valueLens = append(p.valueLens, uintptr(len(v)))
	}
	return p
}

func (p *params) pin(pin *runtime.Pinner) {
	for i := range p.names {
		pin.Pin(p.names[i])
		pin.Pin(p.values[i])
	}
}

func first[T any](s []T) *T {
	if len(s) == 0 {
		return nil
	}
	return &s[0]
}

// run executes one statement and returns the result handle, which the caller
// destroys. conn is the connection object, not the handle that open gave.
func (l *library) run(stream bool, conn uintptr, sql, format string, bound map[string]string) uintptr {
	p := newParams(bound)
	q, f := cString(sql), cString(format)
	var pin runtime.Pinner
	defer pin.Unpin()
	p.pin(&pin)
	call := l.queryParams
	if stream {
		call = l.streamParams
	}
	r := call(conn, q, uintptr(len(sql)), f, uintptr(len(format)),
		first(p.names), first(p.nameLens), first(p.values), first(p.valueLens), uintptr(len(p.names)))
	runtime.KeepAlive(p)
	return r
}

// bytesOf copies a result's payload out of C memory.
func (l *library) bytesOf(result uintptr) []byte {
	n := l.length(result)
	p := l.buffer(result)
	if n == 0 || p == 0 {
		return nil
	}
	out := make([]byte, n)
	copy(out, unsafe.Slice((*byte)(pointer(p)), n))
	return out
}

// failure returns the engine's error text of a result, "" when it succeeded.
func (l *library) failure(result uintptr) string {
	p := l.resultError(result)
	if p == 0 {
		return ""
	}
	n := 0
	for *(*byte)(unsafe.Add(pointer(p), n)) != 0 {
		n++
	}
	return string(unsafe.Slice((*byte)(pointer(p)), n))
}

// pointer turns an address in C memory into a pointer. Taking it through a
// pointer to the uintptr keeps vet's unsafeptr check meaningful elsewhere.
func pointer(p uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&p)) }

func cString(s string) *byte {
	b := make([]byte, len(s)+1)
	copy(b, s)
	return &b[0]
}
