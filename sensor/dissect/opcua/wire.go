package opcua

import (
	"strings"

	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

const (
	header     = 8
	maxMessage = 64 << 10 // bytes: the smallest buffer of OPC 10000-6, section 7.1.2.3 is 8192
	maxList    = 32
)

// Chunk is a message chunk: OPC 10000-6, section 6.7.2 and 7.1.2.
type Chunk struct {
	Kind  string // HEL, ACK, ERR, RHE, OPN, CLO, MSG
	Final byte   // F, C or A
	Body  []byte
}

// Next cuts a chunk off b: its size, 0 when more bytes are needed, -1 when b is none.
func Next(b []byte) (x Chunk, size int) {
	if len(b) < header {
		if len(b) >= 4 && !kind(b) {
			return x, -1
		}
		return x, 0
	}
	c := wire.At(b[4:])
	n := c.L32()
	if !kind(b) || n < header || n > maxMessage {
		return x, -1
	}
	x.Kind, x.Final = string(b[:3]), b[3]
	if len(b) < int(n) {
		return x, 0
	}
	x.Body = b[header:n]
	return x, int(n)
}

func kind(b []byte) bool {
	switch string(b[:3]) {
	case "HEL", "ACK", "ERR", "RHE":
		return b[3] == 'F'
	case "OPN", "CLO", "MSG":
		return b[3] == 'F' || b[3] == 'C' || b[3] == 'A'
	}
	return false
}

// text reads a String: a length of four bytes, -1 for null.
func text(c *wire.Cursor) string {
	n := int32(c.L32())
	if n <= 0 {
		return ""
	}
	return string(c.Bytes(int(n)))
}

// list reads an array's length.
func list(c *wire.Cursor) int {
	n := int32(c.L32())
	if n < 0 || !c.OK() {
		return 0
	}
	return int(min(n, maxList))
}

// HelloURL is the endpoint URL of a Hello: five numbers stand before it.
func HelloURL(body []byte) (string, bool) {
	c := wire.At(body)
	c.Skip(20)
	u := text(&c)
	return u, c.OK() && strings.HasPrefix(u, "opc.tcp://")
}

// Policy is the security policy of an OpenSecureChannel chunk.
func Policy(body []byte) (string, bool) {
	c := wire.At(body)
	c.Skip(4)
	p := text(&c)
	return p, c.OK() && strings.HasPrefix(p, "http://opcfoundation.org/UA/SecurityPolicy#")
}

// nodeID reads a numeric NodeId in namespace 0 (forms 0 to 2) or passes over another form.
func nodeID(c *wire.Cursor) uint32 {
	switch form := c.U8() & 0x3f; form {
	case 0:
		return uint32(c.U8())
	case 1:
		c.Skip(1)
		return uint32(c.L16())
	case 2:
		c.Skip(2)
		return c.L32()
	case 3:
		c.Skip(2)
		text(c)
	case 4:
		c.Skip(2 + 16)
	case 5:
		c.Skip(2)
		text(c)
	default:
		c.Skip(c.Len() + 1)
	}
	return 0
}

// Service opens the body of an unprotected MSG chunk: channel, token, sequence and request id,
// then the service's encoding id.
func Service(body []byte) (id uint32, c wire.Cursor) {
	c = wire.At(body)
	c.Skip(16)
	return nodeID(&c), c
}

// Encoding ids of the services that are read: OPC 10000-6, annex A (NodeIds of DefaultBinary).
const (
	FindServersResponse    = 425
	GetEndpointsResponse   = 431
	RegisterServerRequest  = 437
	CreateSessionRequest   = 461
	CreateSessionResponse  = 464
	ActivateSessionRequest = 467
	RegisterServer2Request = 12211
	anonymousToken         = 321
	userNameToken          = 324
	certificateToken       = 327
)

func localizedText(c *wire.Cursor) {
	mask := c.U8()
	if mask&1 != 0 {
		text(c)
	}
	if mask&2 != 0 {
		text(c)
	}
}

func extension(c *wire.Cursor) (id uint32, body wire.Cursor) {
	id = nodeID(c)
	if c.U8() == 0 {
		return id, wire.Cursor{}
	}
	n := int32(c.L32())
	return id, c.Sub(int(max(n, 0)))
}

func requestHeader(c *wire.Cursor) {
	nodeID(c)
	c.Skip(8 + 4 + 4)
	text(c)
	c.Skip(4)
	extension(c)
}

func responseHeader(c *wire.Cursor) {
	c.Skip(8 + 4 + 4)
	if c.U8() != 0 { // diagnostics: not followed
		c.Skip(c.Len() + 1)
		return
	}
	for range list(c) {
		text(c)
	}
	extension(c)
}

// Application is an application description: OPC 10000-4, section 7.2.
type Application struct {
	URI, Product string
	Type         uint32 // 0 server, 1 client, 2 both, 3 discovery server
	URLs         []string
}

func application(c *wire.Cursor) (a Application) {
	a.URI, a.Product = text(c), text(c)
	localizedText(c)
	a.Type = c.L32()
	text(c)
	text(c)
	for range list(c) {
		a.URLs = append(a.URLs, text(c))
	}
	return a
}

// Endpoint is an endpoint description: OPC 10000-4, section 7.14.
type Endpoint struct {
	URL    string
	Server Application
	Mode   uint32 // 1 none, 2 sign, 3 sign and encrypt
	Policy string
	Tokens []uint32 // 0 anonymous, 1 user name, 2 certificate, 3 issued
}

func endpoint(c *wire.Cursor) (x Endpoint) {
	x.URL = text(c)
	x.Server = application(c)
	text(c) // certificate
	x.Mode, x.Policy = c.L32(), text(c)
	for range list(c) {
		text(c)
		x.Tokens = append(x.Tokens, c.L32())
		text(c)
		text(c)
		text(c)
	}
	text(c)
	c.Skip(1)
	return x
}

func endpoints(c *wire.Cursor) (out []Endpoint) {
	for range list(c) {
		x := endpoint(c)
		if !c.OK() {
			break
		}
		out = append(out, x)
	}
	return out
}

// Token is the class of a session's identity token.
type Token struct {
	Kind      uint32 // encoding id
	Encrypted bool   // of a password
}

func activation(c *wire.Cursor) (t Token, ok bool) {
	requestHeader(c)
	text(c) // client signature: algorithm and value
	text(c)
	for range list(c) { // software certificates
		text(c)
		text(c)
	}
	for range list(c) { // locales
		text(c)
	}
	id, body := extension(c)
	t.Kind = id
	if id == userNameToken {
		text(&body) // policy
		text(&body) // user
		text(&body) // password
		t.Encrypted = text(&body) != ""
	}
	return t, c.OK()
}
