package dissecttest

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/capture"
	"github.com/wardscope/wardscope/sensor/capture/pcapfile"
	"github.com/wardscope/wardscope/sensor/decode"
	"github.com/wardscope/wardscope/sensor/dissect"
)

// Captured reads every conversation of a capture file, in the order of their beginnings, each up to a number of
// messages. Segments that were sent again are left out. Packets without ports are conversations of one message.
func Captured(path string, messages int) (all []*Conversation, err error) {
	source := pcapfile.New(1, path)
	defer func() { err = errors.Join(err, source.Close()) }()
	decoder := decode.New(decode.Config{})
	r := reader{most: messages, open: map[flowKey]*following{}}
	var frame capture.Frame
	var p decode.Packet
	for {
		switch err := source.Next(&frame); {
		case errors.Is(err, io.EOF):
			return r.all, nil
		case err != nil:
			return r.all, fmt.Errorf("read capture: %w", err)
		}
		decoder.Decode(&frame, &p)
		r.packet(&p)
	}
}

type flowKey struct {
	low, high model.Endpoint
	protocol  uint8
}

type following struct {
	c     *Conversation
	next  [2]uint32
	begun [2]bool
}

type reader struct {
	all  []*Conversation
	open map[flowKey]*following
	most int
}

func (r *reader) packet(p *decode.Packet) {
	if len(p.Payload) == 0 {
		return
	}
	data := slices.Clone(p.Payload)
	if !p.IP || !p.HasPorts {
		packet := *p
		packet.Payload = data
		r.all = append(r.all, &Conversation{Packet: &packet, Messages: []Message{{Data: data}}})
		return
	}
	from, to := model.Endpoint{Addr: p.Src, Port: p.SrcPort}, model.Endpoint{Addr: p.Dst, Port: p.DstPort}
	f, dir := r.following(from, to, p)
	if p.Protocol == 6 {
		if f.begun[dir] && int32(p.Seq-f.next[dir]) < 0 {
			return
		}
		f.begun[dir], f.next[dir] = true, p.Seq+uint32(len(data))
	}
	if len(f.c.Messages) < r.most {
		f.c.Messages = append(f.c.Messages, Message{Dir: dir, Data: data})
	}
}

func (r *reader) following(from, to model.Endpoint, p *decode.Packet) (*following, dissect.Direction) {
	key := flowKey{from, to, p.Protocol}
	if f := r.open[key]; f != nil {
		return f, dissect.FromInitiator
	}
	key.low, key.high = to, from
	if f := r.open[key]; f != nil {
		return f, dissect.FromResponder
	}
	c := &Conversation{}
	c.Flow = dissect.Flow{Initiator: from, Responder: to, Protocol: p.Protocol, Time: p.Time, TTL: p.TTL}
	c.Flow.Initiator.MAC, c.Flow.Responder.MAC = clientMAC, serverMAC
	key.low, key.high = from, to
	r.open[key] = &following{c: c}
	r.all = append(r.all, c)
	return r.open[key], dissect.FromInitiator
}
