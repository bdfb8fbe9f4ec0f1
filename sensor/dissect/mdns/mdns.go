package mdns

import (
	"bytes"
	"strings"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/dnsmsg"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

const port = 5353

type protocol struct{}

// New returns the multicast DNS dissector.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "mdns", Transport: dissect.UDP, Ports: []uint16{port}}
}

// Probe wants the port too: by bytes alone multicast DNS is DNS.
func (protocol) Probe(f *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	if f.Initiator.Port != port && f.Responder.Port != port {
		return dissect.NotMine
	}
	var room dnsmsg.Room
	if m, ok := dnsmsg.Parse(data, &room); !ok || m.Opcode != 0 {
		return dissect.NotMine
	}
	return dissect.Mine
}

func (protocol) New() dissect.Dissector { return dissector{} }

type dissector struct{}

func (dissector) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	var room dnsmsg.Room
	m, ok := dnsmsg.Parse(data, &room)
	if !ok {
		return len(data), dissect.More
	}
	own := speaker{e, dissect.About(e.Flow().Sender(dir))}
	if !m.Response { // a probe carries what the sender is about to claim: RFC 6762, section 8.2
		own.records(m.Authority)
		return len(data), dissect.More
	}
	own.records(m.Answers)
	own.records(m.Extra)
	return len(data), dissect.More
}

type speaker struct {
	e       dissect.Emitter
	subject model.Subject
}

func (s speaker) say(kind model.Kind, v, source string) {
	s.e.Observe(dissect.Claim{Subject: s.subject, Kind: kind, Value: v, Source: source})
}

func (s speaker) records(list []dnsmsg.Record) {
	for i := range list {
		switch r := &list[i]; r.Type {
		case dnsmsg.TypeSRV:
			s.say(model.KindHostname, r.Target, "mdns.srv_target")
			s.service(r.Name)
			s.instance(r.Name, r.Target)
		case dnsmsg.TypeA, dnsmsg.TypeAAAA:
			s.address(r)
		case dnsmsg.TypePTR:
			s.pointer(r)
		case dnsmsg.TypeHINFO:
			s.host(r)
		case dnsmsg.TypeTXT:
			s.text(r)
		}
	}
}

// host reads processor and operating system (RFC 1035, section 3.3.2).
func (s speaker) host(r *dnsmsg.Record) {
	c := wire.At(r.Data)
	cpu, system := c.Bytes(int(c.U8())), c.Bytes(int(c.U8()))
	if c.OK() && wire.Printable(cpu) && wire.Printable(system) {
		s.say(model.KindOS, wire.String(system), "mdns.hinfo_os")
		s.say(model.KindCapability, wire.Join("processor ", wire.String(cpu)), "mdns.hinfo_cpu")
	}
}

// address takes the owner's name for the sender, and for its other addresses.
func (s speaker) address(r *dnsmsg.Record) {
	if strings.HasPrefix(r.Name, "_") {
		return
	}
	about := s
	if r.Addr != s.subject.Addr {
		about.subject = model.Subject{Addr: r.Addr}
	}
	about.say(model.KindHostname, r.Name, "mdns.address")
}

func (s speaker) pointer(r *dnsmsg.Record) {
	if a, ok := dnsmsg.Reverse(r.Name); ok {
		about := s
		if a != s.subject.Addr {
			about.subject = model.Subject{Addr: a}
		}
		about.say(model.KindHostname, r.Target, "mdns.reverse")
		return
	}
	if strings.EqualFold(r.Name, "_services._dns-sd._udp.local") {
		s.service(r.Target)
		return
	}
	s.service(r.Name)
	s.instance(r.Target, "")
}

// service claims the type at the end of a service name: the two labels that begin with '_', and
// the domain. What stands before them is the instance, which people name.
func (s speaker) service(name string) {
	at := strings.LastIndex(name, "._")
	if at < 0 {
		return
	}
	if before := strings.LastIndex(name[:at], "._"); before >= 0 {
		name = name[before+1:]
	} else if !strings.HasPrefix(name, "_") {
		return
	}
	s.say(model.KindServiceOffered, name, "mdns.service")
}

// keys of TXT records that name the product, in the uses of RFC 6763 that their makers publish
// (printing: Bonjour Printing Specification 1.2; AirPlay, HomeKit, Google Cast, Matter).
var keys = map[string]model.Kind{
	"model": model.KindModel, "md": model.KindModel, "am": model.KindModel, "rpmd": model.KindModel, "ty": model.KindModel, "mdl": model.KindModel,
	"usb_mdl": model.KindModel, "product": model.KindModel, "modelid": model.KindModel, "modelname": model.KindModel, "devicemodel": model.KindModel,
	"usb_mfg": model.KindVendor, "mfg": model.KindVendor, "manufacturer": model.KindVendor, "vendor": model.KindVendor, "mf": model.KindVendor,
	"fv": model.KindFirmware, "fw": model.KindFirmware, "firmware": model.KindFirmware, "fwversion": model.KindFirmware, "version": model.KindSoftware,
	"srcvers": model.KindSoftware, "osxvers": model.KindOS, "osvers": model.KindOS, "ov": model.KindOS, "swversion": model.KindSoftware,
	"serial": model.KindSerial, "serialnumber": model.KindSerial, "sn": model.KindSerial, "mac": model.KindIdentifier, "deviceid": model.KindIdentifier,
	"macaddress": model.KindIdentifier, "bridgeid": model.KindIdentifier,
}

func (s speaker) text(r *dnsmsg.Record) {
	var room [16][]byte
	for _, t := range r.Texts(room[:0]) {
		k, v, ok := bytes.Cut(t, []byte{'='})
		if !ok || len(v) == 0 {
			continue
		}
		key := strings.ToLower(wire.String(k))
		if kind, known := keys[key]; known {
			s.say(kind, wire.String(v), wire.Join("mdns.txt_", key))
		}
	}
}
