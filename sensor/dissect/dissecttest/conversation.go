package dissecttest

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"net/netip"
	"os"
	"strconv"
	"strings"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/decode"
	"github.com/wardscope/wardscope/sensor/dissect"
)

// Conversation is one testdata file: who talks, and what they say in order.
type Conversation struct {
	Path     string
	Flow     dissect.Flow
	Packet   *decode.Packet // the frame of link-level conversations; nil for TCP and UDP
	Messages []Message
	Also     []string // protocols that may claim these bytes too, without it being a mistake
}

// Message is what one side says at a time.
type Message struct {
	Dir  dissect.Direction
	Data []byte
	Lost bool // the bytes were sent but not seen: a gap
}

var (
	clientMAC = model.MAC(0x00005e005301)
	serverMAC = model.MAC(0x00005e005302)
)

// Load reads a conversation. The form is line by line:
//
//	# comment
//	# also: http, ssdp
//	tcp 192.0.2.1:40000 > 192.0.2.2:21      (or udp; or: packet 0x0806; or: packet ip 58 2001:db8::1 > 2001:db8::2)
//	> "USER anonymous\r\n"                  (from the initiator: a Go string, or hexadecimal with spaces)
//	< 32 32 30 20                           (from the responder)
//	  "more of the same message"            (an indented line goes on)
//	! < "bytes that the sensor did not see"
//
// or, in place of all but comments, one flow of a capture file (see fromCapture):
//
//	capture ../../dissecttest/real/testdata/ftp.pcap tcp 192.0.2.1 > 192.0.2.2:21 flow 2 messages 20
func Load(path string) (*Conversation, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("load conversation: %w", err)
	}
	c := &Conversation{Path: path}
	c.Flow.Time = 1_700_000_000_000_000_000
	c.Flow.TTL = 64
	lines := bufio.NewScanner(strings.NewReader(string(raw)))
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		if err := c.line(lines.Text()); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, n, err)
		}
	}
	return c, nil
}

func (c *Conversation) line(line string) error {
	text := strings.TrimSpace(line)
	switch {
	case text == "":
		return nil
	case strings.HasPrefix(text, "#"):
		if list, ok := strings.CutPrefix(text, "# also:"); ok {
			for name := range strings.SplitSeq(list, ",") {
				c.Also = append(c.Also, strings.TrimSpace(name))
			}
		}
		return nil
	case line[0] == ' ' || line[0] == '\t':
		if len(c.Messages) == 0 {
			return fmt.Errorf("continuation before the first message")
		}
		data, err := bytesOf(text)
		last := &c.Messages[len(c.Messages)-1]
		last.Data = append(last.Data, data...)
		return err
	case text[0] == '>' || text[0] == '<' || text[0] == '!':
		m := Message{}
		if text[0] == '!' {
			m.Lost = true
			text = strings.TrimSpace(text[1:])
		}
		if text[0] == '<' {
			m.Dir = dissect.FromResponder
		}
		var err error
		m.Data, err = bytesOf(strings.TrimSpace(text[1:]))
		c.Messages = append(c.Messages, m)
		return err
	}
	return c.header(strings.Fields(text))
}

func bytesOf(text string) ([]byte, error) {
	var out []byte
	for text != "" {
		text = strings.TrimSpace(text)
		if text[0] == '"' {
			quoted, err := strconv.QuotedPrefix(text)
			if err != nil {
				return nil, fmt.Errorf("string %s: %w", text, err)
			}
			plain, err := strconv.Unquote(quoted)
			if err != nil {
				return nil, fmt.Errorf("string %s: %w", text, err)
			}
			out = append(out, plain...)
			text = strings.TrimSpace(text[len(quoted):])
			continue
		}
		digits, rest := text, ""
		if i := strings.IndexByte(text, '"'); i >= 0 {
			digits, rest = text[:i], text[i:]
		}
		b, err := hex.DecodeString(strings.Join(strings.Fields(digits), ""))
		if err != nil {
			return nil, fmt.Errorf("hexadecimal: %w", err)
		}
		out = append(out, b...)
		text = rest
	}
	return out, nil
}

func (c *Conversation) header(f []string) error {
	c.Flow.Initiator.MAC, c.Flow.Responder.MAC = clientMAC, serverMAC
	switch {
	case f[0] == "capture":
		return c.fromCapture(f)
	case len(f) == 4 && (f[0] == "tcp" || f[0] == "udp") && f[2] == ">":
		c.Flow.Protocol = 6
		if f[0] == "udp" {
			c.Flow.Protocol = 17
		}
		return firstError(endpoint(f[1], &c.Flow.Initiator), endpoint(f[3], &c.Flow.Responder))
	case len(f) == 2 && f[0] == "packet":
		t, err := strconv.ParseUint(f[1], 0, 16)
		c.Packet = &decode.Packet{EtherType: uint16(t), SrcMAC: clientMAC, DstMAC: serverMAC, Time: c.Flow.Time}
		return err
	case len(f) == 6 && f[0] == "packet" && f[1] == "ip" && f[4] == ">":
		n, err := strconv.ParseUint(f[2], 0, 8)
		src, err2 := model.ParseAddr(f[3])
		dst, err3 := model.ParseAddr(f[5])
		c.Packet = &decode.Packet{IP: true, Protocol: uint8(n), Src: src, Dst: dst, TTL: 255, SrcMAC: clientMAC, DstMAC: serverMAC, Time: c.Flow.Time}
		return firstError(err, err2, err3)
	}
	return fmt.Errorf("header %q: want tcp or udp A:port > B:port, capture FILE, packet TYPE, or packet ip N A > B", strings.Join(f, " "))
}

func endpoint(s string, e *model.Endpoint) error {
	ap, err := netip.ParseAddrPort(s)
	if err != nil {
		return fmt.Errorf("endpoint %q: %w", s, err)
	}
	e.Addr, e.Port = model.AddrFromNetip(ap.Addr()), ap.Port()
	return nil
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
