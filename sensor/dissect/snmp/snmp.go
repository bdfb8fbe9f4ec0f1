package snmp

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

type protocol struct{}

// New returns the SNMP dissector.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "snmp", Transport: dissect.UDP, Ports: []uint16{161, 162}}
}

func (protocol) Probe(_ *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	var room Room
	if _, ok := Parse(data, &room); !ok {
		return dissect.NotMine
	}
	return dissect.Mine
}

func (protocol) New() dissect.Dissector { return &dissector{} }

func (protocol) Many(n int) []dissect.Resetter { return dissect.Many[dissector](n) }

// Reset begins anew.
func (d *dissector) Reset() { *d = dissector{} }

type dissector struct{ reported bool }

const sysObjectID = "1.3.6.1.2.1.1.2.0"

// objects that say what a device is, by name or by column (then any index follows).
var objects = []struct {
	name   string
	kind   model.Kind
	source string
}{
	{"1.3.6.1.2.1.1.1.0", model.KindBanner, "snmp.sysDescr"},
	{sysObjectID, model.KindFingerprint, "snmp.sysObjectID"},
	{"1.3.6.1.2.1.1.5.0", model.KindHostname, "snmp.sysName"},
	{"1.3.6.1.2.1.1.6.0", model.KindLocation, "snmp.sysLocation"},
	{"1.3.6.1.2.1.1.9.1.3.", model.KindCapability, "snmp.sysORDescr"}, // the agent's own MIB modules
	{"1.3.6.1.2.1.47.1.1.1.1.2.", model.KindModel, "snmp.entPhysicalDescr"},
	{"1.3.6.1.2.1.47.1.1.1.1.8.", model.KindHardwareRevision, "snmp.entPhysicalHardwareRev"},
	{"1.3.6.1.2.1.47.1.1.1.1.9.", model.KindFirmware, "snmp.entPhysicalFirmwareRev"},
	{"1.3.6.1.2.1.47.1.1.1.1.10.", model.KindSoftware, "snmp.entPhysicalSoftwareRev"},
	{"1.3.6.1.2.1.47.1.1.1.1.11.", model.KindSerial, "snmp.entPhysicalSerialNum"},
	{"1.3.6.1.2.1.47.1.1.1.1.12.", model.KindVendor, "snmp.entPhysicalMfgName"},
	{"1.3.6.1.2.1.47.1.1.1.1.13.", model.KindModel, "snmp.entPhysicalModelName"},
	{"1.3.6.1.2.1.43.5.1.1.17.", model.KindSerial, "snmp.prtGeneralSerialNumber"},
	{"1.3.6.1.2.1.25.3.2.1.3.1", model.KindModel, "snmp.hrDeviceDescr"},
	{"1.3.6.1.2.1.33.1.1.1.0", model.KindVendor, "snmp.upsIdentManufacturer"},
	{"1.3.6.1.2.1.33.1.1.2.0", model.KindModel, "snmp.upsIdentModel"},
	{"1.3.6.1.2.1.33.1.1.3.0", model.KindFirmware, "snmp.upsIdentUPSSoftwareVersion"},
}

func (d *dissector) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	var room Room
	m, ok := Parse(data, &room)
	if !ok {
		return len(data), dissect.More
	}
	agent, peer := e.Flow().Sender(dir), e.Flow().Receiver(dir)
	asks := m.Type == Get || m.Type == GetNext || m.Type == GetBulk || m.Type == Set
	if asks {
		agent, peer = peer, agent
	}
	e.Version(versionName(m.Version))
	if !d.reported && m.Type != Report && (m.Version != 3 || m.User) {
		d.reported = true
		weaknesses(e, agent, peer, &m)
	}
	count(e, &m)
	// What may be answered by a report goes to the engine that is authoritative, all else comes from it
	// (RFC 3412, section 6.4; RFC 3414, section 1.5.1); the kind of an encrypted message is not visible.
	if m.Version == 3 && !asks && m.Flags&reportable == 0 {
		engine(e, agent, m.Engine)
	}
	if m.Type == Response || m.Type == TrapV1 || m.Type == TrapV2 || m.Type == Inform {
		identity(e, agent, m.Bindings)
	}
	return len(data), dissect.More
}

func versionName(v int64) string {
	switch v {
	case 0:
		return "SNMPv1"
	case 1:
		return "SNMPv2c"
	case 3:
		return "SNMPv3"
	}
	return ""
}

func weaknesses(e dissect.Emitter, agent, peer model.Endpoint, m *Message) {
	w := dissect.Weakness{Version: 1, Subject: agent, Peer: peer}
	if m.Version == 3 {
		if m.Flags&1 == 0 {
			w.Type, w.Rule, w.Detail, w.Evidence = model.FindingNoAuthentication, "snmp.v3_no_auth", "SNMPv3 without authentication", "snmp.flags"
			e.Report(w)
		}
		return
	}
	version := "SNMPv1"
	if m.Version == 1 {
		version = "SNMPv2c"
	}
	w.Type, w.Rule, w.Detail, w.Evidence = model.FindingCleartextProtocol, "snmp.cleartext", version, "snmp.version"
	e.Report(w)
	if c := m.Community; string(c) != "public" && string(c) != "private" {
		e.Login(dissect.Credential{Service: "snmp", Password: string(c), Server: agent, Client: peer, Evidence: "snmp.community"})
		return
	}
	w.Type, w.Rule, w.Detail, w.Evidence = model.FindingDefaultCredential, "snmp.default_community", "community is the published default for reading", "snmp.community"
	if string(m.Community) == "private" {
		w.Detail = "community is the published default for writing"
	}
	e.Report(w)
}

func count(e dissect.Emitter, m *Message) {
	result := model.ResultUnset
	switch m.Type {
	case Get, GetNext, GetBulk:
		e.Operate(model.VerbRead, "mib", result, 1)
	case Set:
		e.Operate(model.VerbWrite, "mib", result, 1)
	case TrapV1, TrapV2, Inform:
		e.Operate(model.VerbNotify, "trap", result, 1)
	}
}

func identity(e dissect.Emitter, agent model.Endpoint, bindings []Binding) {
	for i := range bindings {
		b := &bindings[i]
		for _, o := range objects {
			if b.Name != o.name && (!strings.HasSuffix(o.name, ".") || !strings.HasPrefix(b.Name, o.name)) {
				continue
			}
			v := b.OID
			if text := wire.TrimText(b.Text); len(text) > 0 {
				v = oneLine(text)
			}
			e.Observe(dissect.Claim{Subject: dissect.About(agent), Kind: o.kind, Value: v, Source: o.source})
			break
		}
	}
}

// oneLine puts single spaces where white space was.
func oneLine(text []byte) string {
	var room [256]byte
	out := room[:0]
	for word := range bytes.FieldsSeq(text) {
		if len(out) > 0 {
			out = append(out, ' ')
		}
		out = append(out, word...)
	}
	return wire.String(out)
}

// engine claims an authoritative engine id: RFC 3411, section 5, SnmpEngineID.
func engine(e dissect.Emitter, agent model.Endpoint, id []byte) {
	if len(id) < 5 || len(id) > 32 {
		return
	}
	s := dissect.About(agent)
	e.Observe(dissect.Claim{Subject: s, Kind: model.KindIdentifier, Value: "engine " + hex.EncodeToString(id), Source: "snmp.engine_id"})
	if id[0]&0x80 == 0 {
		return
	}
	e.Observe(dissect.Claim{Subject: s, Kind: model.KindFingerprint, Value: "enterprise " + strconv.Itoa(int(binary.BigEndian.Uint32(id)&0x7fffffff)), Source: "snmp.engine_id"})
	if id[4] == 3 && len(id) == 11 {
		e.Observe(dissect.Claim{Subject: s, Kind: model.KindIdentifier, Value: model.MACFrom(id[5:]).String(), Source: "snmp.engine_id"})
	}
}
