package engine

import "unsafe"

// notConnected is what the library takes for a connection that has ended.
var notConnected [256]byte

// BreakIdle makes the library refuse every idle connection, as it does with those it has given up.
func BreakIdle(e *Engine) (n int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, c := range e.idle {
		c.object = uintptr(unsafe.Pointer(&notConnected))
	}
	return len(e.idle)
}

// LostIdle counts idle connections that nothing can be asked on: their handles hold nothing.
func LostIdle(e *Engine) (n int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, c := range e.idle {
		if *(*uintptr)(pointer(c.handle)) != c.object {
			n++
		}
	}
	return n
}
