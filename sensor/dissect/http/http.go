package http

import (
	"bytes"
	"encoding/base64"
	"strings"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

const (
	maxHead      = 16 << 10 // bytes of a head that are waited for
	maxExchanges = 24       // after so many requests a conversation has told what it is
)

var preface = []byte("PRI * HTTP/2.0\r\n") // RFC 9113, section 3.4

type protocol struct{}

// New returns the protocol.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "http", Transport: dissect.TCP, MaxBuffer: maxHead, ProbeBytes: 8 << 10,
		Ports: []uint16{80, 8080, 8000, 8008, 8042, 8081, 8443, 8888, 3128, 5000, 5357, 5985, 9200, 631, 3000, 49152, 56120, 56130}}
}

func (protocol) Probe(_ *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	const status = "HTTP/1."
	if n := min(len(data), len(status)); string(data[:n]) == status[:n] {
		if n < len(status) {
			return dissect.More
		}
		return dissect.Mine
	}
	if n := min(len(data), len(preface)); bytes.Equal(data[:n], preface[:n]) {
		if n < len(preface) {
			return dissect.More
		}
		return dissect.Mine
	}
	if !begins(data) {
		return dissect.NotMine
	}
	before, _, ok := bytes.Cut(data, []byte{'\n'})
	if !ok {
		return dissect.More
	}
	if bytes.Contains(before, []byte(" HTTP/")) || bytes.HasPrefix(data, []byte("GET /")) && simple(before) {
		return dissect.Mine
	}
	return dissect.NotMine
}

// simple knows the request of HTTP/0.9: a path and no version.
func simple(line []byte) bool {
	path := bytes.TrimRight(line[len("GET "):], "\r")
	return bytes.IndexByte(path, ' ') < 0 && len(path) < 256
}

func (protocol) New() dissect.Dissector { return &session{} }

func (protocol) Many(n int) []dissect.Resetter { return dissect.Many[session](n) }

// Reset begins anew.
func (s *session) Reset() { *s = session{} }

type bodyState uint8

const (
	inHead     bodyState = iota
	inChunks             // before the size line of a chunk
	inTrailer            // behind the last chunk
	hunting              // after a gap: a head may begin with any segment
	passing              // of no more interest, or until the end of the connection
	chunkBreak           // before the line end behind a chunk
)

type session struct {
	state     [2]bodyState
	exchanges int
	told      bool
	clear     bool // told that it is
	toHEAD    bool // the next response has no body
	connect   bool
	agent     string
	server    string
	host      string
	offered   string
	h2        *multiplexed // nil: HTTP/1
}

func (s *session) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	if s.h2 != nil && !s.before(dir, data) {
		return s.frame(e, dir, data)
	}
	switch s.state[dir] {
	case inChunks:
		return s.chunk(dir, data)
	case chunkBreak:
		i := bytes.IndexByte(data, '\n')
		if i < 0 {
			return len(data), dissect.More
		}
		s.state[dir] = inChunks
		return i + 1, dissect.More
	case inTrailer:
		i := bytes.IndexByte(data, '\n')
		if i < 0 {
			return 0, dissect.More
		}
		if i <= 1 {
			s.state[dir] = inHead
		}
		return i + 1, dissect.More
	case passing:
		return len(data) + maxLength, dissect.More
	case hunting:
		if !begins(data) && !bytes.HasPrefix(data, []byte("HTTP/1.")) {
			return len(data), dissect.More
		}
		s.state[dir] = inHead
	}
	return s.head(e, dir, data)
}

// before reports whether a direction still speaks HTTP/1 while the other has gone over to HTTP/2: the answer that
// allows it may come after what it allowed.
func (s *session) before(dir dissect.Direction, data []byte) bool {
	return dir == dissect.FromResponder && !s.h2.ends[dir].spoken && bytes.HasPrefix(data, []byte("HTTP/1."))
}

// Gap makes the direction look for the next head at the beginning of a segment.
func (s *session) Gap(_ dissect.Emitter, dir dissect.Direction, _ int) dissect.Verdict {
	if s.h2 != nil {
		s.h2.ends[dir].lost = true
		return dissect.More
	}
	if s.state[dir] != passing {
		s.state[dir] = hunting
	}
	return dissect.More
}

func (s *session) chunk(dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	length, size, ok := chunkSize(data)
	switch {
	case !ok:
		s.state[dir] = hunting
		return len(data), dissect.More
	case size == 0:
		return 0, dissect.More
	case length == 0:
		s.state[dir] = inTrailer
		return size, dissect.More
	}
	s.state[dir] = chunkBreak
	return size + length, dissect.More
}

func (s *session) head(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	if !s.told {
		s.told = true
		// A capture that begins in the middle may have guessed the roles wrong.
		if answers := bytes.HasPrefix(data, []byte("HTTP/1.")); e.Flow().Inferred && answers == (dir == dissect.FromInitiator) {
			e.Swap()
			s.state[0], s.state[1] = s.state[1], s.state[0]
			dir = 1 - dir
		}
	}
	if bytes.HasPrefix(data, preface) {
		dissect.Cleartext(e, "http", "http.start_line")
		s.multiplex(e)
		return s.frame(e, dir, data)
	}
	blank := 0 // empty lines before a head are to be ignored (RFC 9112, section 2.2)
	for blank < len(data) && (data[blank] == '\r' || data[blank] == '\n') {
		blank++
	}
	if blank > 0 {
		return blank, dissect.More
	}
	if headSize(data) == 0 {
		return 0, dissect.More
	}
	var h head
	if !h.parse(data) {
		s.state[dir] = hunting
		return h.size, dissect.More
	}
	if !s.clear {
		s.clear = true
		service := "http"
		if bytes.HasPrefix(h.contentType, []byte("application/ipp")) {
			service = "ipp"
		}
		dissect.Cleartext(e, service, "http.start_line")
	}
	if h.method != nil {
		message := data[:h.size]
		if n := h.size + h.contentLength; (isAgent(&h) || api(h.contentType) == "hl7") && h.contentLength > 0 && n <= maxMessage {
			if len(data) < n {
				return 0, dissect.More
			}
			message = data[:n]
		}
		return s.request(e, dir, &h, message)
	}
	if !s.describe(e, dir, &h, data) {
		return 0, dissect.More
	}
	return s.response(e, dir, &h)
}

// request reads a request; message is its head, and its body if that was waited for.
func (s *session) request(e dissect.Emitter, dir dissect.Direction, h *head, message []byte) (int, dissect.Verdict) {
	f := e.Flow()
	client := dissect.About(f.Sender(dir))
	if h.userAgent != nil && s.agent != string(h.userAgent) {
		s.agent = wire.String(h.userAgent)
		e.Observe(dissect.Claim{Subject: client, Kind: model.KindSoftware, Value: s.agent, Source: "http.user_agent"})
	}
	proxied := bytes.HasPrefix(h.target, []byte("http://")) || string(h.method) == "CONNECT"
	if h.host != nil && !proxied && s.host != string(h.host) {
		s.host = wire.String(h.host)
		e.ServerName(s.host)
		if kind := hostKind(s.host); kind != model.KindUnset {
			e.Observe(dissect.Claim{Subject: dissect.About(f.Receiver(dir)), Kind: kind, Value: s.host, Source: "http.host"})
		}
	}
	s.authorization(e, dir, h.credentials)
	switch {
	case bytes.HasPrefix(h.contentType, []byte("application/ipp")):
		e.Service("ipp")
	case isAgent(h):
		agent(e, dir, message)
	}
	if !s.medical(e, dir, h, message) {
		e.Operate(verb(h.method), "resource", model.ResultUnset, 1)
	}
	s.toHEAD = string(h.method) == "HEAD"
	if h.simple {
		s.state[1-dir] = passing // the answer has no head
	}
	s.connect = string(h.method) == "CONNECT"
	if s.exchanges++; s.exchanges > maxExchanges {
		return h.size, dissect.Done
	}
	return s.body(dir, h, false), dissect.More
}

// hostKind is what the Host field says of a server: a name, or nothing new when it is an address.
func hostKind(host string) model.Kind {
	name := host
	if i := strings.LastIndexByte(host, ':'); i > 0 && !strings.HasSuffix(host, "]") {
		name = host[:i]
	}
	if wire.IsAddr(strings.Trim(name, "[]")) {
		return model.KindServiceOffered
	}
	return model.KindHostname
}

func verb(method []byte) model.Verb {
	switch string(method) {
	case "GET", "HEAD", "OPTIONS":
		return model.VerbRead
	case "PUT", "PATCH", "PROPPATCH", "MKCOL", "COPY":
		return model.VerbWrite
	case "DELETE":
		return model.VerbDelete
	case "MOVE":
		return model.VerbMove
	case "PROPFIND", "SEARCH", "REPORT":
		return model.VerbQuery
	case "NOTIFY", "SUBSCRIBE", "UNSUBSCRIBE":
		return model.VerbNotify
	}
	return model.VerbExecute
}

func (s *session) response(e dissect.Emitter, dir dissect.Direction, h *head) (int, dissect.Verdict) {
	server := dissect.About(e.Flow().Sender(dir))
	if h.server != nil && s.server != string(h.server) {
		s.server = wire.String(h.server)
		e.Observe(dissect.Claim{Subject: server, Kind: model.KindSoftware, Value: s.server, Source: "http.server"})
	}
	if name := api(h.contentType); name != "" {
		e.Service(name)
	}
	for _, c := range h.challenges[:h.challenged] {
		s.challenge(e, dir, c)
	}
	switch {
	case h.status == 101 && bytes.EqualFold(h.upgrade, []byte("h2c")): // RFC 7540, section 3.2
		s.multiplex(e)
		return h.size, dissect.More
	case h.status == 101:
		upgraded(e, dir, h)
		return h.size, dissect.Done
	case s.connect && h.status == 200:
		e.Handoff("tls")
		return h.size, dissect.More
	}
	return s.body(dir, h, s.toHEAD || h.status/100 == 1 || h.status == 204 || h.status == 304), dissect.More
}

// body says how many bytes the head takes together with what of the body can be passed over.
func (s *session) body(dir dissect.Direction, h *head, none bool) int {
	switch {
	case none:
		return h.size
	case h.chunked:
		s.state[dir] = inChunks
		return h.size
	case h.contentLength >= 0:
		return h.size + h.contentLength
	case h.method == nil:
		s.state[dir] = passing // until the connection ends
	}
	return h.size
}

// realms are those that a product cannot be kept from saying.
var realms = map[string]string{`realm="Orthanc Secure Area"`: "Orthanc"}

// challenge tells the scheme that a server asks for (RFC 9110, section 11.6.1), of its realm no more than
// the product that always says this one.
func (s *session) challenge(e dissect.Emitter, dir dissect.Direction, value []byte) {
	scheme, rest := cutWord(value)
	name := ""
	for _, known := range []string{"Basic", "Digest", "NTLM", "Negotiate", "Bearer"} {
		if strings.EqualFold(string(scheme), known) {
			name = known
		}
	}
	if name == "" {
		return
	}
	token(e, dir, rest)
	if strings.Contains(s.offered, name) {
		return
	}
	s.offered = wire.Join(s.offered, name, " ")
	if product := realms[string(rest)]; product != "" {
		tell(e, dir, model.KindSoftware, product, "http.signature")
	}
	e.Observe(dissect.Claim{Subject: dissect.About(e.Flow().Sender(dir)), Kind: model.KindCapability, Value: wire.Join("authentication ", name), Source: "http.www_authenticate"})
}

func (s *session) authorization(e dissect.Emitter, dir dissect.Direction, value []byte) {
	scheme, rest := cutWord(value)
	if !strings.EqualFold(string(scheme), "Basic") {
		token(e, dir, rest)
		return
	}
	plain, err := base64.StdEncoding.DecodeString(strings.TrimRight(string(rest), " "))
	if err != nil {
		return
	}
	user, password, _ := strings.Cut(string(plain), ":")
	e.Login(dissect.Credential{Service: "http", User: user, Password: password,
		Server: e.Flow().Receiver(dir), Client: e.Flow().Sender(dir), Evidence: "http.authorization"})
}

// token passes on what NTLM and Negotiate carry (RFC 4559).
func token(e dissect.Emitter, dir dissect.Direction, text []byte) {
	raw, err := base64.StdEncoding.DecodeString(string(text))
	if err != nil {
		return
	}
	if i := bytes.Index(raw, []byte("NTLMSSP\x00")); i >= 0 {
		e.Inner("ntlm", dir, raw[i:])
	}
}

func cutWord(b []byte) (word, rest []byte) {
	if i := bytes.IndexByte(b, ' '); i >= 0 {
		return b[:i], bytes.TrimSpace(b[i:])
	}
	return b, nil
}
