package engine

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
)

// stream is the body of a SELECT's response: the engine makes the answer
// block by block while it is read, so its memory does not grow with it.
type stream struct {
	engine *Engine
	ctx    context.Context //nolint:containedctx // the request's own, as net/http keeps it in its body
	mu     sync.Mutex      // Engine.Close closes a stream that its reader has left open
	conn   *conn
	handle uintptr // the running statement; 0 before start and after its end
	chunk  []byte
	err    error // io.EOF at the end
	closed bool
}

// start begins the statement and waits for its first block, so that most
// errors come before the response does.
func (s *stream) start(sql string, bound map[string]string) error {
	var failure string
	s.engine.guard(s.ctx, s.conn, func() {
		s.handle = s.engine.lib.run(true, s.conn.object, sql, "Native", bound)
		if s.handle != 0 {
			failure = s.engine.lib.failure(s.handle)
		}
	})
	if s.handle == 0 {
		return &Exception{Message: "clickhouse engine gave no result"}
	}
	if failure != "" {
		s.conn.dead = strings.HasPrefix(failure, deadText)
		return newException(failure)
	}
	s.fetch()
	if s.err != nil && !errors.Is(s.err, io.EOF) {
		return s.err
	}
	return nil
}

func (s *stream) fetch() {
	var failure string
	s.engine.guard(s.ctx, s.conn, func() {
		r := s.engine.lib.streamFetch(s.conn.object, s.handle)
		if r == 0 {
			failure = "clickhouse engine gave no result"
			return
		}
		defer s.engine.lib.destroy(r)
		if failure = s.engine.lib.failure(r); failure == "" {
			s.chunk = s.engine.lib.bytesOf(r)
		}
	})
	switch cause := context.Cause(s.ctx); {
	case failure != "" && cause != nil:
		s.err = cause
	case failure != "":
		s.err = newException(failure)
	case len(s.chunk) == 0:
		s.err = io.EOF
	}
}

// Read returns io.EOF after the last block, or the engine's *Exception.
func (s *stream) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return 0, io.ErrClosedPipe
	}
	for len(s.chunk) == 0 {
		if s.err != nil {
			return 0, s.err
		}
		s.fetch()
	}
	n := copy(p, s.chunk)
	s.chunk = s.chunk[n:]
	return n, nil
}

// Close ends the statement and gives its connection back.
func (s *stream) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	if s.handle != 0 {
		if s.err == nil {
			s.engine.lib.streamCancel(s.conn.object, s.handle)
		}
		s.engine.lib.destroy(s.handle)
		s.handle = 0
	}
	s.engine.forget(s)
	s.engine.release(s.conn)
	return nil
}
