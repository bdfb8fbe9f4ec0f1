package dissecttest

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/capture"
	"github.com/wardscope/wardscope/sensor/capture/pcapfile"
	"github.com/wardscope/wardscope/sensor/decode"
	"github.com/wardscope/wardscope/sensor/dissect"
)

// fromCapture takes one flow out of a capture file: capture FILE tcp A > B:port [flow N] [messages N], with the
// file named from the conversation's folder. A message is what one packet carries; the port of A is the capture's,
// flow N is the Nth that A opens to B, from 1.
func (c *Conversation) fromCapture(f []string) error {
	if len(f) < 6 || f[4] != ">" || (f[2] != "tcp" && f[2] != "udp") {
		return fmt.Errorf("want capture FILE tcp A > B:port [flow N] [messages N]")
	}
	from, err := netip.ParseAddr(f[3])
	to, err2 := netip.ParseAddrPort(f[5])
	if err := firstError(err, err2); err != nil {
		return err
	}
	nth, most := 1, 0
	for options := f[6:]; len(options) > 0; options = options[2:] {
		if len(options) < 2 {
			return fmt.Errorf("%s: a number is absent", options[0])
		}
		n, err := strconv.Atoi(options[1])
		switch {
		case err != nil:
			return fmt.Errorf("%s: %w", options[0], err)
		case options[0] == "flow":
			nth = n
		case options[0] == "messages":
			most = n
		default:
			return fmt.Errorf("unknown option %s", options[0])
		}
	}
	c.Flow.Protocol = 6
	if f[2] == "udp" {
		c.Flow.Protocol = 17
	}
	w := wanted{from: model.AddrFromNetip(from), to: model.Endpoint{Addr: model.AddrFromNetip(to.Addr()), Port: to.Port()}, nth: nth, c: c}
	if err := w.read(filepath.Join(filepath.Dir(c.Path), f[1])); err != nil {
		return err
	}
	if most > 0 && len(c.Messages) > most {
		c.Messages = c.Messages[:most]
	}
	if len(c.Messages) == 0 {
		return fmt.Errorf("%s holds no flow %d of %s > %s", f[1], nth, from, to)
	}
	return nil
}

// wanted finds the packets of one flow. Segments that were sent again are left out; it is not for captures
// that lack packets.
type wanted struct {
	from  model.Addr
	to    model.Endpoint
	nth   int
	c     *Conversation
	ports []uint16 // of the initiators so far
	next  [2]uint32
	begun [2]bool
}

func (w *wanted) read(path string) (err error) {
	source := pcapfile.New(1, path)
	defer func() { err = errors.Join(err, source.Close()) }()
	decoder := decode.New(decode.Config{})
	var frame capture.Frame
	var p decode.Packet
	for {
		switch err := source.Next(&frame); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("read capture: %w", err)
		}
		if decoder.Decode(&frame, &p); p.IP && p.HasPorts && p.Protocol == w.c.Flow.Protocol {
			w.packet(&p)
		}
	}
}

func (w *wanted) packet(p *decode.Packet) {
	dir, port := dissect.FromInitiator, p.SrcPort
	if p.Src == w.to.Addr && p.SrcPort == w.to.Port && p.Dst == w.from {
		dir, port = dissect.FromResponder, p.DstPort
	} else if p.Src != w.from || p.Dst != w.to.Addr || p.DstPort != w.to.Port {
		return
	}
	if !slices.Contains(w.ports, port) {
		w.ports = append(w.ports, port)
	}
	if slices.Index(w.ports, port) != w.nth-1 {
		return
	}
	flow := &w.c.Flow
	flow.Initiator = model.Endpoint{Addr: w.from, Port: port, MAC: clientMAC}
	flow.Responder = model.Endpoint{Addr: w.to.Addr, Port: w.to.Port, MAC: serverMAC}
	if len(w.c.Messages) == 0 {
		flow.Time, flow.TTL = p.Time, p.TTL
	}
	if len(p.Payload) == 0 {
		return
	}
	if p.Protocol == 6 {
		if w.begun[dir] && int32(p.Seq-w.next[dir]) < 0 {
			return
		}
		w.begun[dir], w.next[dir] = true, p.Seq+uint32(len(p.Payload))
	}
	w.c.Messages = append(w.c.Messages, Message{Dir: dir, Data: slices.Clone(p.Payload)})
}
