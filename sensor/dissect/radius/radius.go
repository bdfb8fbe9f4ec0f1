package radius

import (
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

const header = 20 // bytes (RFC 2865, section 3)

// The attributes that are read (RFC 2865, section 5; RFC 2869, section 5.17).
const (
	attrUserPassword   = 2
	attrNASAddress     = 4
	attrNASPort        = 5
	attrCalledStation  = 30
	attrCallingStation = 31
	attrNASIdentifier  = 32
	attrNASPortType    = 61
	attrNASPortID      = 87
)

type protocol struct{}

// New returns the protocol.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "radius", Transport: dissect.UDP, Ports: []uint16{1812, 1813, 1645, 1646, 3799}}
}

// Probe wants a known code, the length of the datagram, and attributes that fill it.
func (protocol) Probe(_ *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	if len(data) < header+3 || !knownCode(data[0]) || int(binary.BigEndian.Uint16(data[2:])) != len(data) {
		return dissect.NotMine
	}
	if attributes(data, func(byte, []byte) {}) {
		return dissect.Mine
	}
	return dissect.NotMine
}

func knownCode(code byte) bool {
	return code >= 1 && code <= 5 || code == 11 || code == 12 || code >= 40 && code <= 45
}

func attributes(data []byte, f func(kind byte, value []byte)) bool {
	c := wire.At(data[header:])
	for c.Len() > 0 {
		kind, n := c.U8(), int(c.U8())
		value := c.Bytes(n - 2)
		if !c.OK() || kind == 0 {
			return false
		}
		f(kind, value)
	}
	return true
}

func (protocol) New() dissect.Dissector { return reader{} }

type reader struct{}

// place is where a request says that a device is.
type place struct {
	nas, name, port, portID, called, calling string
	wireless, pap                            bool
}

func (reader) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	if len(data) < header {
		return len(data), dissect.More
	}
	switch data[0] {
	case 2:
		e.Operate(model.VerbLogin, "network", model.ResultOK, 1)
	case 3:
		e.Operate(model.VerbLogin, "network", model.ResultRefused, 1)
	case 1, 4:
		var p place
		attributes(data, p.set)
		p.tell(e, dir)
	}
	return len(data), dissect.More
}

func (p *place) set(kind byte, value []byte) {
	switch kind {
	case attrUserPassword:
		p.pap = true
	case attrNASAddress:
		if len(value) == 4 && value[0] != 0 && value[0] != 127 { // some that do not know their address say that of the loop
			p.nas = model.AddrFrom4(value).String()
		}
	case attrNASPort:
		if len(value) == 4 {
			p.port = fmt.Sprint(binary.BigEndian.Uint32(value))
		}
	case attrNASPortType:
		p.wireless = len(value) == 4 && value[3] >= 18 && value[3] <= 19
	case attrNASPortID:
		p.portID = string(value)
	case attrCalledStation:
		p.called = string(value)
	case attrCallingStation:
		p.calling = string(value)
	case attrNASIdentifier:
		p.name = string(value)
	}
}

func (p *place) tell(e dissect.Emitter, dir dissect.Direction) {
	f := e.Flow()
	nas := dissect.About(f.Sender(dir))
	e.Observe(dissect.Claim{Subject: nas, Kind: model.KindRole, Value: "network access server", Source: "radius.code"})
	e.Observe(dissect.Claim{Subject: nas, Kind: model.KindHostname, Value: p.name, Source: "radius.nas_identifier"})
	e.Observe(dissect.Claim{Subject: nas, Kind: model.KindAddressBinding, Value: p.nas, Source: "radius.nas_ip_address"})
	if p.pap {
		e.Report(dissect.Weakness{Type: model.FindingWeakCrypto, Rule: "radius.pap", Version: 1, Subject: f.Sender(dir), Peer: f.Receiver(dir),
			Detail: "PAP: passwords hidden by MD5 only", Evidence: "radius.user_password"})
	}
	device, err := model.ParseMAC(p.calling)
	if err != nil {
		return // no address of a device: a number or a name
	}
	where := "access server "
	switch {
	case p.name != "":
		where += p.name
	case p.nas != "":
		where += p.nas
	default:
		where += f.Sender(dir).Addr.String()
	}
	switch {
	case p.portID != "":
		where += ", port " + p.portID
	case p.port != "":
		where += ", port " + p.port
	}
	if _, ssid, ok := cutStation(p.called); ok && ssid != "" {
		where += ", network " + ssid
	}
	e.Observe(dissect.Claim{Subject: model.Subject{MAC: device}, Kind: model.KindLocation, Value: where, Source: "radius.nas_port"})
}

// cutStation splits "00-11-22-33-44-55:network" (RFC 3580, section 3.20).
func cutStation(called string) (mac, ssid string, ok bool) {
	if len(called) < 17 {
		return "", "", false
	}
	return called[:17], strings.TrimPrefix(called[17:], ":"), true
}
