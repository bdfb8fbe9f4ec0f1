package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	chproto "github.com/ClickHouse/ch-go/proto"
	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/column"
	"github.com/ClickHouse/clickhouse-go/v2/lib/proto"
	"golang.org/x/sys/unix"
)

// hello is the first statement of each driver connection.
const hello = "SELECT displayName(), version(), revision(), timezone()"

// maxStatement bounds the text of one statement, bytes: the same as the
// engine's own max_query_size times four.
const maxStatement = 1 << 20

// inText are settings that change with each insert: in the statement's text
// they cost nothing, on the connection they would need one each.
var inText = []string{"insert_deduplication_token"}

// notSettings are the parameters of ClickHouse's HTTP interface that are no
// settings, with those that mean nothing without a socket.
var notSettings = []string{
	"database", "default_format", "client_protocol_version", "query", "query_id", "quota_key",
	"wait_end_of_query", "compress", "decompress", "async_insert", "wait_for_async_insert",
	"user", "password", "session_id",
}

// RoundTrip runs one request of ClickHouse's HTTP interface on the engine. A
// failing statement is a response 500 with X-ClickHouse-Exception-Code, as a
// server would answer, so the driver returns its typed exception.
func (e *Engine) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		defer func() { _ = req.Body.Close() }()
	}
	if err := context.Cause(req.Context()); err != nil {
		return nil, err
	}
	values := req.URL.Query()
	if sql := values.Get("query"); sql != "" {
		return e.insert(req, sql, values)
	}
	body, err := readStatement(req.Body)
	if err != nil {
		return nil, err
	}
	sql := string(body)
	if sql == hello {
		block, err := e.helloBlock(req.Context())
		if err != nil {
			return nil, err
		}
		return respond(req, http.StatusOK, nil, bytes.NewReader(block), int64(len(block))), nil
	}
	return e.statement(req, sql, values)
}

func readStatement(r io.Reader) ([]byte, error) {
	if r == nil {
		return nil, errors.New("clickhouse request has no statement")
	}
	body, err := io.ReadAll(io.LimitReader(r, maxStatement+1))
	if err != nil {
		return nil, fmt.Errorf("read clickhouse request: %w", err)
	}
	if len(body) > maxStatement {
		return nil, fmt.Errorf("clickhouse statement is longer than %d bytes", maxStatement)
	}
	return body, nil
}

// helloBlock answers that the server speaks revision 0, so that the driver
// decodes what the library writes; this one block is asked for at the
// driver's own revision.
func (e *Engine) helloBlock(ctx context.Context) ([]byte, error) {
	var version []byte
	err := e.on(ctx, session{}, func(_ context.Context, c *conn) (err error) {
		version, err = e.exec(c, "SELECT version() FORMAT TSVRaw", nil)
		return err
	})
	if err != nil {
		return nil, err
	}
	block := proto.NewBlock()
	for _, col := range []struct{ name, kind string }{
		{"displayName()", "String"}, {"version()", "String"}, {"revision()", "UInt32"}, {"timezone()", "String"},
	} {
		if err := block.AddColumn(col.name, column.Type(col.kind)); err != nil {
			return nil, fmt.Errorf("answer clickhouse hello: %w", err)
		}
	}
	if err := block.Append("wardscope", strings.TrimSpace(string(version)), uint32(0), "UTC"); err != nil {
		return nil, fmt.Errorf("answer clickhouse hello: %w", err)
	}
	var buf chproto.Buffer
	if err := block.Encode(&buf, clickhouse.ClientTCPProtocolVersion); err != nil {
		return nil, fmt.Errorf("answer clickhouse hello: %w", err)
	}
	return buf.Buf, nil
}

// statement runs anything but an insert with a body.
func (e *Engine) statement(req *http.Request, sql string, values url.Values) (*http.Response, error) {
	s, _ := sessionOf(values)
	if !streams(sql) {
		var out []byte
		err := e.on(req.Context(), s, func(ctx context.Context, c *conn) (err error) {
			e.guard(ctx, c, func() { out, err = e.exec(c, sql, boundOf(values)) })
			return err
		})
		if err != nil {
			return answerError(req, err)
		}
		return respond(req, http.StatusOK, nil, bytes.NewReader(out), int64(len(out))), nil
	}
	st, err := e.stream(req, s, sql, boundOf(values))
	if err != nil {
		return answerError(req, err)
	}
	length := int64(-1)
	if len(st.chunk) == 0 {
		length = 0
	}
	return respond(req, http.StatusOK, nil, st, length), nil
}

// stream begins a SELECT, on another connection when the library has given up the first.
func (e *Engine) stream(req *http.Request, s session, sql string, bound map[string]string) (*stream, error) {
	for again := false; ; again = true {
		c, err := e.acquire(s)
		if err != nil {
			return nil, err
		}
		st := &stream{engine: e, conn: c, ctx: req.Context()}
		e.remember(st)
		if err = st.start(sql, bound); err == nil {
			return st, nil
		}
		_ = st.Close()
		if !c.dead || again {
			return nil, err
		}
	}
}

// streams says whether a statement's answer may be large; only SELECT is.
func streams(sql string) bool {
	word := strings.ToUpper(firstWord(sql))
	return word == "SELECT" || word == "WITH" || strings.HasPrefix(word, "(")
}

func firstWord(sql string) string {
	for {
		sql = strings.TrimLeft(sql, " \t\r\n")
		if !strings.HasPrefix(sql, "--") {
			break
		}
		_, rest, ok := strings.Cut(sql, "\n")
		if !ok {
			return ""
		}
		sql = rest
	}
	if i := strings.IndexAny(sql, " \t\r\n"); i >= 0 {
		return sql[:i]
	}
	return sql
}

// insert runs INSERT … FORMAT Native, whose block is the request's body. The
// library cuts binary text at its first zero byte, so the body goes through a
// file in memory that only this process can reach.
func (e *Engine) insert(req *http.Request, sql string, values url.Values) (*http.Response, error) {
	head, format, ok := cutFormat(sql)
	if !ok {
		return answerError(req, &Exception{Code: 62, Message: "Code: 62. DB::Exception: insert names no format. (SYNTAX_ERROR)"})
	}
	fd, err := unix.MemfdCreate("wardscope-insert", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("create insert body: %w", err)
	}
	file := os.NewFile(uintptr(fd), "wardscope-insert")
	defer func() { _ = file.Close() }() // the last reference: the memory goes with it
	if _, err := io.Copy(file, req.Body); err != nil {
		return nil, fmt.Errorf("write insert body: %w", err)
	}
	s, text := sessionOf(values)
	var b strings.Builder
	fmt.Fprintf(&b, "%s FROM INFILE '/proc/self/fd/%d' COMPRESSION 'none'", head, fd)
	for i, st := range text {
		b.WriteString([]string{" SETTINGS ", ", "}[min(i, 1)])
		b.WriteString(st.String())
	}
	b.WriteString(" FORMAT " + format)
	err = e.on(req.Context(), s, func(ctx context.Context, c *conn) (err error) {
		e.guard(ctx, c, func() { _, err = e.exec(c, b.String(), boundOf(values)) })
		return err
	})
	if err != nil {
		return answerError(req, err)
	}
	return respond(req, http.StatusOK, nil, http.NoBody, 0), nil
}

// cutFormat splits "INSERT INTO t (…) FORMAT Native" before its FORMAT.
func cutFormat(sql string) (head, format string, ok bool) {
	sql = strings.TrimSpace(sql)
	i := strings.LastIndex(strings.ToUpper(sql), "FORMAT ")
	if i < 0 {
		return "", "", false
	}
	return strings.TrimSpace(sql[:i]), strings.TrimSpace(sql[i+len("FORMAT "):]), true
}

// sessionOf takes the settings out of a request: those of the connection, and
// those of the statement's text.
func sessionOf(values url.Values) (s session, text []setting) {
	s.database = values.Get("database")
	for name := range values {
		st := setting{name, values.Get(name)}
		switch {
		case slices.Contains(notSettings, name), strings.HasPrefix(name, "param_"):
		case slices.Contains(inText, name):
			text = append(text, st)
		default:
			s.settings = append(s.settings, st)
		}
	}
	slices.SortFunc(s.settings, func(a, b setting) int {
		if ra, rb := a.name == "readonly", b.name == "readonly"; ra != rb {
			if ra {
				return 1
			}
			return -1
		}
		return strings.Compare(a.name, b.name)
	})
	return s, text
}

func boundOf(values url.Values) map[string]string {
	bound := map[string]string{}
	for name := range values {
		if p, ok := strings.CutPrefix(name, "param_"); ok {
			bound[p] = values.Get(name)
		}
	}
	return bound
}

func answerError(req *http.Request, err error) (*http.Response, error) {
	if cause := context.Cause(req.Context()); cause != nil {
		return nil, cause
	}
	var ex *Exception
	if !errors.As(err, &ex) {
		return nil, err
	}
	head := http.Header{}
	head.Set("X-ClickHouse-Exception-Code", strconv.Itoa(ex.Code))
	return respond(req, http.StatusInternalServerError, head, strings.NewReader(ex.Message), int64(len(ex.Message))), nil
}

func respond(req *http.Request, status int, head http.Header, body io.Reader, length int64) *http.Response {
	if head == nil {
		head = http.Header{}
	}
	rc, ok := body.(io.ReadCloser)
	if !ok {
		rc = io.NopCloser(body)
	}
	return &http.Response{
		Status: strconv.Itoa(status) + " " + http.StatusText(status), StatusCode: status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: head, Body: rc, ContentLength: length, Request: req,
	}
}
