package http_test

import (
	"bytes"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/http"
)

// said remembers what was claimed.
type said struct{ values []string }

func (s *said) Observe(o model.Observation) { s.values = append(s.values, o.Source+"="+o.Value) }
func (s *said) Finding(model.Finding)       {}

// talk is one side of HTTP/2 as x/net writes it, with Huffman codes.
type talk struct {
	t     *testing.T
	wire  bytes.Buffer
	block bytes.Buffer
	enc   *hpack.Encoder
	frame *http2.Framer
}

func newTalk(t *testing.T, opening string) *talk {
	t.Helper()
	x := &talk{t: t}
	x.wire.WriteString(opening)
	x.enc, x.frame = hpack.NewEncoder(&x.block), http2.NewFramer(&x.wire, nil)
	if err := x.frame.WriteSettings(); err != nil {
		t.Fatal(err)
	}
	return x
}

func (x *talk) headers(stream uint32, fields ...string) {
	x.t.Helper()
	x.block.Reset()
	for i := 0; i < len(fields); i += 2 {
		if err := x.enc.WriteField(hpack.HeaderField{Name: fields[i], Value: fields[i+1]}); err != nil {
			x.t.Fatal(err)
		}
	}
	if err := x.frame.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: x.block.Bytes(), EndHeaders: true}); err != nil {
		x.t.Fatal(err)
	}
}

// hear plays both sides to the dissector, the client's first, in pieces of a size.
func hear(t *testing.T, size int, client, server []byte) (*said, string) {
	t.Helper()
	s := &said{}
	rt, err := dissect.NewRuntime(dissect.DefaultConfig(), []dissect.Protocol{http.New()}, nil, s)
	if err != nil {
		t.Fatal(err)
	}
	flow := &dissect.Flow{Protocol: 6, Initiator: model.Endpoint{Addr: model.Addr{Lo: 1}, Port: 40000}, Responder: model.Endpoint{Addr: model.Addr{Lo: 2}, Port: 80}}
	h := rt.Open(flow)
	state, service := dissect.Want, uint16(0)
	for dir, all := range [][]byte{client, server} {
		for piece := range slices.Chunk(all, size) {
			if state == dissect.Want {
				state, service = rt.Data(h, flow, dissect.Direction(dir), piece)
			}
		}
	}
	if n := rt.Stats().Panics; len(n) > 0 {
		t.Errorf("panics: %v", n)
	}
	return s, rt.ServiceName(service)
}

const opening = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

// A second opinion on header blocks: what x/net's encoder makes of them, its table at work, for many requests.
func TestHTTP2AsAnEncoderWritesIt(t *testing.T) {
	client, server := newTalk(t, opening), newTalk(t, "")
	for i := range 10 {
		stream := uint32(2*i + 1)
		client.headers(stream, ":method", "POST", ":scheme", "http", ":path", fmt.Sprintf("/CANARY/%d", i), ":authority", "device.example.org",
			"content-type", "application/grpc", "user-agent", fmt.Sprintf("probe/%d", i/4), "cookie", "CANARY", "x-patient", "CANARY")
		server.headers(stream, ":status", "200", "server", "envoy", "set-cookie", fmt.Sprintf("CANARY%d", i))
		if err := server.frame.WriteData(stream, false, bytes.Repeat([]byte("CANARY"), 1000)); err != nil {
			t.Fatal(err)
		}
		server.headers(stream, "grpc-status", "0", "grpc-message", "CANARY")
	}
	want := []string{"http.user_agent=probe/0", "http.host=device.example.org", "http.user_agent=probe/1", "http.user_agent=probe/2", "http.server=envoy"}
	for _, size := range []int{5, 13, 1460, 1 << 20} {
		got, service := hear(t, size, client.wire.Bytes(), server.wire.Bytes())
		if service != "http2" || !slices.Equal(got.values, want) {
			t.Errorf("in pieces of %d: %s, %q, want http2, %q", size, service, got.values, want)
		}
	}
}

// One byte of a block may stand for the whole table: what it unpacks to is bounded.
func TestHTTP2Bomb(t *testing.T) {
	client := newTalk(t, opening)
	client.headers(1, ":method", "GET", ":scheme", "http", ":path", "/", "user-agent", strings.Repeat("a", 4000))
	refs := bytes.Repeat([]byte{0x80 | 62}, 16000) // the newest entry, 16,000 times
	if err := client.frame.WriteHeaders(http2.HeadersFrameParam{StreamID: 3, BlockFragment: refs, EndHeaders: true}); err != nil {
		t.Fatal(err)
	}
	client.headers(5, ":method", "GET", ":scheme", "http", ":path", "/", "user-agent", "later")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	got, _ := hear(t, 1460, client.wire.Bytes(), nil)
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 4<<20 {
		t.Errorf("%d bytes allocated for a block that unpacks to 64 MB", n)
	}
	if slices.Contains(got.values, "http.user_agent=later") {
		t.Errorf("what follows the bomb was read: %q", got.values)
	}
}
