package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// session is what sticks to a connection: its database and its settings.
type session struct {
	database string
	settings []setting // sorted by name, readonly last: after it nothing can be set
}

type setting struct{ name, value string }

func (s session) equal(o session) bool {
	return s.database == o.database && slices.Equal(s.settings, o.settings)
}

// conn is one connection of the library. It runs one statement at a time.
type conn struct {
	handle  uintptr // what the library gave; closeConn takes it
	object  uintptr // what the statements take; valid while the handle is
	id      string  // log_comment of the connection: how KILL QUERY finds its statement
	session session
	dead    bool // the library has given it up
}

// deadText is what the library answers on a connection that is closed, before it looks at the statement.
const deadText = "Invalid or closed connection"

// maxIdle bounds the connections kept for reuse; a new one costs 0.5 ms.
const maxIdle = 16

// errClosed is what a request gets after Close.
var errClosed = errors.New("clickhouse engine is closed")

// acquire hands out an idle connection with exactly this session, or makes one.
func (e *Engine) acquire(s session) (*conn, error) {
	e.mu.Lock()
	if e.closed {
		e.mu.Unlock()
		return nil, errClosed
	}
	e.busy.Add(1)
	for i, c := range e.idle {
		if c.session.equal(s) {
			e.idle = slices.Delete(e.idle, i, i+1)
			e.mu.Unlock()
			return c, nil
		}
	}
	e.mu.Unlock()
	c, err := e.connect(s)
	if err != nil {
		e.busy.Done()
		return nil, err
	}
	return c, nil
}

// release gives a connection back; the oldest idle one makes room.
func (e *Engine) release(c *conn) {
	defer e.busy.Done()
	e.mu.Lock()
	var drop *conn
	if e.closed || c.dead {
		drop = c
	} else {
		e.idle = append(e.idle, c)
		if len(e.idle) > maxIdle {
			drop = e.idle[0] // not in one assignment: Delete may be called before the index is looked up
			e.idle = slices.Delete(e.idle, 0, 1)
		}
	}
	e.mu.Unlock()
	if drop != nil {
		e.lib.closeConn(drop.handle)
	}
}

func (e *Engine) connect(s session) (*conn, error) {
	h := e.lib.open(e.args)
	if h == 0 { // using it would crash the process
		return nil, errors.New("connect to clickhouse engine: refused; its reason is on stderr")
	}
	c := &conn{
		handle:  h,
		object:  *(*uintptr)(pointer(h)),
		id:      "wardscope-" + strconv.FormatUint(e.nextConn.Add(1), 10),
		session: s,
	}
	setup := make([]string, 0, 3+len(s.settings))
	// The library allows introspection functions by default; nobody needs them.
	setup = append(setup, "SET allow_introspection_functions=0", "SET log_comment="+Literal(c.id))
	if s.database != "" {
		setup = append(setup, "USE `"+strings.ReplaceAll(s.database, "`", "\\`")+"`")
	}
	for _, st := range s.settings {
		setup = append(setup, "SET "+st.name+"="+Literal(st.value))
	}
	for _, sql := range setup {
		if _, err := e.exec(c, sql, nil); err != nil {
			e.lib.closeConn(h)
			return nil, err
		}
	}
	return c, nil
}

// exec runs one statement whose answer is small.
func (e *Engine) exec(c *conn, sql string, bound map[string]string) ([]byte, error) {
	r := e.lib.run(false, c.object, sql, "Native", bound)
	if r == 0 {
		return nil, &Exception{Message: "clickhouse engine gave no result"}
	}
	defer e.lib.destroy(r)
	if text := e.lib.failure(r); text != "" {
		c.dead = strings.HasPrefix(text, deadText)
		return nil, newException(text)
	}
	return e.lib.bytesOf(r), nil
}

// on runs fn on a connection, and once more on another when the library has given up the first:
// then nothing of fn's statement was begun.
func (e *Engine) on(ctx context.Context, s session, fn func(ctx context.Context, c *conn) error) error {
	for again := false; ; again = true {
		c, err := e.acquire(s)
		if err != nil {
			return err
		}
		err = fn(ctx, c)
		dead := c.dead
		e.release(c)
		if !dead || again {
			return err
		}
	}
}

// killEvery is how often a cancelled statement is told so: the first KILL may
// come before the statement is in the list of running ones.
const killEvery = 20 * time.Millisecond

// guard runs fn, a call into the library on c, and kills its statement when
// ctx ends. It always waits for fn, because c cannot be used before that.
func (e *Engine) guard(ctx context.Context, c *conn, fn func()) {
	if ctx.Done() == nil {
		fn()
		return
	}
	done := make(chan struct{})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		select {
		case <-done:
			return
		case <-ctx.Done():
		}
		tick := time.NewTicker(killEvery)
		defer tick.Stop()
		for {
			e.cancel(c)
			select {
			case <-done:
				return
			case <-tick.C:
			}
		}
	}()
	fn()
	close(done)
	<-ended // no KILL may be under way when the next statement starts on c
}

func (e *Engine) cancel(c *conn) {
	e.killer.Lock()
	defer e.killer.Unlock()
	// An error leaves the statement running and is tried again by guard.
	_, _ = e.exec(e.kill, "KILL QUERY WHERE Settings['log_comment']="+Literal(c.id)+" ASYNC", nil)
}

// Exception is an error that the engine itself reported.
type Exception struct {
	Code    int // ClickHouse's error code; 0 when the text has none
	Message string
}

func (e *Exception) Error() string { return e.Message }

func newException(text string) *Exception {
	ex := &Exception{Message: text}
	if rest, ok := strings.CutPrefix(text, "Code: "); ok {
		if n, _, ok := strings.Cut(rest, "."); ok {
			ex.Code, _ = strconv.Atoi(n)
		}
	}
	return ex
}

// Literal makes a string literal of ClickHouse, for the places that take no parameter.
func Literal(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\x00", `\0`).Replace(s) + "'"
}

func (s setting) String() string { return fmt.Sprintf("%s=%s", s.name, Literal(s.value)) }
