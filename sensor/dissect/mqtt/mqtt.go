package mqtt

import (
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

// The packet types that are read (MQTT 5.0, section 2.1.2).
const (
	connect   = 1
	connack   = 2
	publish   = 3
	subscribe = 8
)

const (
	maxPackets = 60
	maxConnect = 8 << 10 // bytes
)

type protocol struct{}

// New returns the protocol.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "mqtt", Transport: dissect.TCP, Ports: []uint16{1883}, MaxBuffer: 16 << 10}
}

// Probe wants a CONNECT with its protocol name; from a server, a CONNACK on the usual port.
func (protocol) Probe(f *dissect.Flow, dir dissect.Direction, data []byte) dissect.Verdict {
	if dir == dissect.FromResponder {
		if data[0] == connack<<4 && f.Responder.Port == 1883 && len(data) >= 4 && data[1] >= 2 && data[2] <= 1 {
			return dissect.Mine
		}
		if data[0] == connack<<4 {
			return dissect.More
		}
		return dissect.NotMine
	}
	if data[0] != connect<<4 {
		if f.Responder.Port == 1883 {
			return midstream(data)
		}
		return dissect.NotMine
	}
	_, head, ok := remaining(data[1:])
	if !ok {
		if len(data) > 5 {
			return dissect.NotMine
		}
		return dissect.More
	}
	body := data[1+head:]
	for _, name := range []string{"\x00\x04MQTT", "\x00\x06MQIsdp"} {
		if n := min(len(body), len(name)); string(body[:n]) == name[:n] {
			if n == len(name) {
				return dissect.Mine
			}
			return dissect.More
		}
	}
	return dissect.NotMine
}

// midstream knows a packet whose length is exactly what is there: PUBLISH, or PINGREQ.
func midstream(data []byte) dissect.Verdict {
	if len(data) < 2 {
		return dissect.More
	}
	n, head, ok := remaining(data[1:])
	kind := data[0] >> 4
	if !ok || kind == 0 || len(data) != 1+head+n {
		return dissect.NotMine
	}
	if kind == 12 && n == 0 || kind == publish && n > 4 && int(data[1+head])<<8+int(data[2+head]) < n-2 {
		return dissect.Mine
	}
	return dissect.NotMine
}

// remaining reads the length of a packet (MQTT 5.0, section 1.5.5).
func remaining(data []byte) (n, size int, ok bool) {
	for i := range min(len(data), 4) {
		n |= int(data[i]&0x7f) << (7 * i)
		if data[i] < 0x80 {
			return n, i + 1, true
		}
	}
	return 0, 0, false
}

func (protocol) New() dissect.Dissector { return &session{} }

type session struct {
	told    bool
	packets int
}

func (s *session) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	n, head, ok := remaining(data[1:])
	if !ok {
		if len(data) > 5 {
			return 0, dissect.NotMine
		}
		return 0, dissect.More
	}
	kind := data[0] >> 4
	if kind == 0 {
		return 0, dissect.NotMine
	}
	size := 1 + head + n
	if (kind == connect || kind == connack) && n <= maxConnect && len(data) < size {
		return 0, dissect.More
	}
	if !s.told {
		s.told = true
		dissect.Cleartext(e, "mqtt", "mqtt.packet_type")
	}
	if s.packets++; s.packets > maxPackets {
		return len(data), dissect.Done
	}
	body := data[1+head : min(size, len(data))]
	switch kind {
	case connect:
		s.connect(e, dir, body)
	case connack:
		if len(body) >= 2 {
			result := model.ResultOK
			if body[1] != 0 {
				result = model.ResultRefused
			}
			e.Operate(model.VerbLogin, "broker", result, 1)
		}
	case publish:
		e.Operate(model.VerbNotify, "topic", model.ResultUnset, 1)
	case subscribe:
		e.Operate(model.VerbQuery, "topic", model.ResultUnset, 1)
	}
	return size, dissect.More
}

// connect reads a CONNECT packet (MQTT 5.0, section 3.1).
func (s *session) connect(e dissect.Emitter, dir dissect.Direction, body []byte) {
	c := wire.At(body)
	text := func() []byte { return c.Bytes(int(c.U16())) }
	text()
	level, flags := c.U8(), c.U8()
	c.Skip(2)
	properties := func() {
		if level < 5 {
			return
		}
		n, size, _ := remaining(c.Rest())
		c.Skip(size + n)
	}
	properties()
	text() // the client's identifier
	if flags&0x04 != 0 {
		properties()
		text()
		text()
	}
	var user, password []byte
	if flags&0x80 != 0 {
		user = text()
	}
	if flags&0x40 != 0 {
		password = text()
	}
	if !c.OK() {
		return
	}
	f := e.Flow()
	versions := map[byte]string{3: "MQTT 3.1", 4: "MQTT 3.1.1", 5: "MQTT 5.0"}
	e.Version(versions[level])
	w := dissect.Weakness{Type: model.FindingNoAuthentication, Rule: "mqtt.no_authentication", Version: 1, Subject: f.Receiver(dir), Peer: f.Sender(dir), Evidence: "mqtt.connect"}
	if flags&0xc0 == 0 {
		e.Report(w)
		return
	}
	e.Login(dissect.Credential{Service: "mqtt", User: string(user), Password: string(password), Server: f.Receiver(dir), Client: f.Sender(dir), Evidence: "mqtt.connect"})
}
