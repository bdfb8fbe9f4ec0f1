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
