package dicom

import (
	"encoding/binary"
	"slices"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

type protocol struct{}

// New returns the DICOM dissector.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "dicom", Transport: dissect.TCP, Ports: []uint16{104, 11112, 4242}, MaxBuffer: maxPDU + header}
}

// Probe takes an associate PDU by its first 74 bytes, or a command in the middle of things.
func (protocol) Probe(_ *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	switch {
	case len(data) >= 2 && (data[1] != 0 || data[0] < pduRequest || data[0] > pduData):
		return dissect.NotMine
	case len(data) >= header && data[0] != pduData && !fits(data):
		return dissect.NotMine
	case len(data) < header+22:
		return dissect.More
	}
	switch data[0] {
	case pduRequest, pduAccept:
		if binary.BigEndian.Uint16(data[6:]) != 1 {
			return dissect.NotMine
		}
		end := min(len(data), header+36)
		if titles := data[10:end]; !isTitle(titles[:min(16, len(titles))]) || !isTitle(titles[min(16, len(titles)):]) || titles[0] == 0 {
			return dissect.NotMine
		}
		if end < header+36 {
			return dissect.More
		}
		return dissect.Mine
	case pduData:
		if isCommandPDU(data) {
			return dissect.Mine
		}
	}
	return dissect.NotMine
}

// fits checks an associate PDU's length.
func fits(b []byte) bool {
	n := binary.BigEndian.Uint32(b[2:])
	return n >= 68 && n <= maxPDU
}

func (protocol) New() dissect.Dissector { return &dissector{} }

func (protocol) Many(n int) []dissect.Resetter { return dissect.Many[dissector](n) }

// Reset begins anew.
func (d *dissector) Reset() { *d = dissector{proposed: d.proposed[:0]} }

type dissector struct {
	proposed []Context // of the last request
	open     []request
	room     [2]request // most have no more open at once
	left     [2]int     // bytes to come of the data PDU under way, by direction
	modality string     // kind of device that makes what the initiator proposes to store; "" none or several
	called   string     // title that the initiator asks for, until the responder is known to go by it
	goes     bool       // the initiator sent data: the association was accepted, even if nobody saw that
	identity uint8
	reported bool
}

type request struct {
	id     uint16
	dir    dissect.Direction
	verb   model.Verb
	object string
}

const maxOpen = 32

func (d *dissector) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	if !d.reported {
		d.reported = true
		dissect.Cleartext(e, "dicom", "dicom.pdu")
	}
	if d.left[dir] > 0 {
		return d.value(e, dir, data)
	}
	if len(data) < header {
		return 0, dissect.More
	}
	n := binary.BigEndian.Uint32(data[2:])
	switch data[0] {
	case pduData:
		if n < 6 || n > 1<<30 {
			return 0, dissect.NotMine
		}
		d.left[dir] = int(n)
		d.goes = d.goes || dir == dissect.FromInitiator
		return header, dissect.More
	case pduRequest, pduAccept, pduReject, pduRelease, pduRelease + 1, pduAbort:
	default:
		return 0, dissect.NotMine
	}
	if n > maxPDU {
		return 0, dissect.NotMine
	}
	if len(data) < header+int(n) {
		return 0, dissect.More
	}
	d.control(e, dir, data[0], data[header:header+int(n)])
	return header + int(n), dissect.More
}

// value reads one presentation data value: its length, context and control header, and the
// command if it is one. Data is skipped, never buffered.
func (d *dissector) value(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	if len(data) < 6 {
		return 0, dissect.More
	}
	n := int(binary.BigEndian.Uint32(data))
	if n < 2 || n+4 > d.left[dir] {
		return 0, dissect.NotMine
	}
	context, control := data[4], data[5]
	if control&1 == 1 && n <= maxCommand {
		if len(data) < 4+n {
			return 0, dissect.More
		}
		if m, ok := ParseCommand(data[6 : 4+n]); ok && control == 3 {
			d.command(e, dir, context, &m)
		}
	}
	if d.left[dir] -= 4 + n; d.left[dir] < 6 {
		n += d.left[dir]
		d.left[dir] = 0
	}
	return 4 + n, dissect.More
}

func (d *dissector) control(e dissect.Emitter, dir dissect.Direction, kind uint8, body []byte) {
	switch kind {
	case pduRequest:
		if dir == dissect.FromResponder {
			e.Swap()
			d.left[0], d.left[1] = d.left[1], d.left[0]
		}
		if d.goes { // an earlier association on this connection, whose message numbers begin anew
			d.tellCalled(e)
		}
		d.unanswered(e)
		d.called, d.goes = "", false
		a := Association{Contexts: d.proposed}
		if !a.parse(body) {
			d.proposed = a.Contexts[:0]
			return
		}
		d.proposed = a.Contexts
		d.request(e, &a)
	case pduAccept:
		var room [16]Context
		a := Association{Contexts: room[:0]}
		if a.parse(body) {
			d.accept(e, &a)
		}
	case pduReject:
		e.Operate(model.VerbAssociate, "dicom", model.ResultRefused, 1)
		if len(body) < 4 || body[2] != 1 || body[3] != calledUnknown {
			d.tellCalled(e)
		}
		d.called = ""
		if len(body) >= 4 && body[2] == 1 { // by the service user: PS3.8, section 9.3.4
			say(e, e.Flow().Responder, model.KindCapability, rejections[body[3]], "dicom.associate_rj")
		}
	}
}

// rejections says what a server does that gives a reason of the service user.
var rejections = map[uint8]string{3: "refuses unknown calling AE titles", calledUnknown: "refuses unknown called AE titles"}

const calledUnknown = 7 // PS3.8, section 9.3.4: called-AE-title-not-recognized

// tellCalled claims the called title for the responder: once it answered to it, or nobody saw it refuse.
func (d *dissector) tellCalled(e dissect.Emitter) {
	if d.called != "" {
		say(e, e.Flow().Responder, model.KindIdentifier, d.called, "dicom.called_ae")
		d.called = ""
	}
}

func say(e dissect.Emitter, who model.Endpoint, kind model.Kind, v, source string) {
	e.Observe(dissect.Claim{Subject: dissect.About(who), Kind: kind, Value: v, Source: source})
}

func (d *dissector) request(e dissect.Emitter, a *Association) {
	client, server := e.Flow().Initiator, e.Flow().Responder
	say(e, client, model.KindIdentifier, a.Calling, "dicom.calling_ae")
	d.called = a.Called
	implementation(e, client, a)
	for _, x := range a.Contexts {
		if x.ID&1 == 1 && x.Abstract != "" {
			say(e, client, model.KindCapability, wire.Join("uses ", Class(x.Abstract)), "dicom.abstract_syntax")
		}
		if Class(x.Abstract) == "modality-worklist" {
			say(e, client, model.KindRole, "imaging modality", "dicom.abstract_syntax")
		}
	}
	d.modality = modality(a)
	if d.modality != "" && works(a) {
		say(e, client, model.KindRole, d.modality, "dicom.abstract_syntax")
	}
	d.identity = a.Identity
	if a.Identity == 1 || a.Identity == 2 {
		detail := "user name readable"
		if a.Identity == 2 {
			detail = "user name and passcode readable"
		}
		e.Report(dissect.Weakness{Type: model.FindingCleartextCredential, Rule: "dicom.user_identity", Version: 1, Subject: server,
			Peer: client, Detail: detail, Evidence: "dicom.user_identity"})
	}
}

// modality is the one kind of device that makes all that is proposed to store. A device proposes
// what it makes; an archive that forwards proposes many kinds.
func modality(a *Association) string {
	only := ""
	for _, x := range a.Contexts {
		switch kind := modalities[Class(x.Abstract)]; {
		case kind == "" || kind == only:
		case only != "":
			return ""
		default:
			only = kind
		}
	}
	return only
}

// works reports whether the requester also asks for its work list or reports its steps, which
// archives and viewers do not.
func works(a *Association) bool {
	for _, x := range a.Contexts {
		if n := Class(x.Abstract); n == "modality-worklist" || n == "performed-procedure-step" {
			return true
		}
	}
	return false
}

func implementation(e dissect.Emitter, who model.Endpoint, a *Association) {
	say(e, who, model.KindFingerprint, a.ImplementationUID, "dicom.implementation_class_uid")
	say(e, who, model.KindSoftware, a.ImplementationVersion, "dicom.implementation_version_name")
	vendor, product := Maker(a.ImplementationUID)
	say(e, who, model.KindVendor, vendor, "dicom.implementation_class_uid")
	say(e, who, model.KindSoftware, product, "dicom.implementation_class_uid")
}

func (d *dissector) accept(e dissect.Emitter, a *Association) {
	server := e.Flow().Responder
	d.tellCalled(e)
	implementation(e, server, a)
	e.Operate(model.VerbAssociate, "dicom", model.ResultOK, 1)
	accepted := false
	for _, x := range a.Contexts {
		class := d.class(x.ID)
		if x.Result != 0 || class == "" {
			continue
		}
		accepted = true
		say(e, server, model.KindCapability, wire.Join("accepts ", Class(class)), "dicom.presentation_context")
		say(e, server, model.KindRole, role(class), "dicom.presentation_context")
	}
	if accepted && d.identity == 0 {
		e.Report(dissect.Weakness{Type: model.FindingNoAuthentication, Rule: "dicom.no_user_identity", Version: 1, Subject: server,
			Peer: e.Flow().Initiator, Detail: "association accepted without user identity", Evidence: "dicom.associate_ac"})
	}
}

// class is the abstract syntax that was proposed last for a context, "" when none was.
func (d *dissector) class(context uint8) string {
	for _, x := range slices.Backward(d.proposed) {
		if x.ID == context && x.ID&1 == 1 && x.Abstract != "" {
			return x.Abstract
		}
	}
	return ""
}

// role is what a server that accepts a SOP class is; "" when it says little.
func role(class string) string {
	switch n := Class(class); {
	case IsStorage(class) && n != "other-storage" || n == "storage-commitment":
		return "image archive"
	case n == "modality-worklist":
		return "worklist server"
	case n == "greyscale-print" || n == "colour-print":
		return "film printer"
	case n == "study-root-find" || n == "patient-root-find":
		return "image query server"
	}
	return ""
}

// verbs by command field without the response bit: PS3.7, annex E.
var verbs = map[uint16]model.Verb{0x0001: model.VerbStore, 0x0010: model.VerbRead, 0x0020: model.VerbQuery, 0x0021: model.VerbMove,
	0x0030: model.VerbRead, 0x0100: model.VerbNotify, 0x0110: model.VerbRead, 0x0120: model.VerbWrite, 0x0130: model.VerbExecute,
	0x0140: model.VerbWrite, 0x0150: model.VerbDelete}

func (d *dissector) command(e dissect.Emitter, dir dissect.Direction, context uint8, m *Command) {
	verb := verbs[m.Field&0x7fff]
	if verb == model.VerbUnset {
		return
	}
	object := m.Class
	if object == "" {
		object = d.class(context)
	}
	object = Class(object)
	if m.Field&0x8000 == 0 {
		if len(d.open) < maxOpen {
			if d.open == nil {
				d.open = d.room[:0]
			}
			d.open = append(d.open, request{m.Message, dir, verb, object})
		}
		return
	}
	if m.HasStatus && m.Status&0xff00 == 0xff00 {
		return // pending
	}
	for i, r := range d.open {
		if r.id == m.Message && r.dir != dir {
			if object == "" {
				object = r.object
			}
			d.open = append(d.open[:i], d.open[i+1:]...)
			break
		}
	}
	e.Operate(verb, object, result(m), 1)
	if kind := modalities[object]; verb == model.VerbStore && kind != "" && kind == d.modality && dir == dissect.FromResponder && result(m) == model.ResultOK {
		say(e, e.Flow().Initiator, model.KindCapability, "sends what a "+kind+" makes", "dicom.c_store")
		d.modality = "" // once an association is enough
	}
}

// result reads a status: PS3.7, annex C. Warnings (Bxxx) and cancels (FE00) did what was asked.
func result(m *Command) model.Result {
	switch s := m.Status; {
	case !m.HasStatus:
		return model.ResultUnset
	case s == 0 || s == 1 || s>>12 == 0xb || s == 0xfe00:
		return model.ResultOK
	case s == 0x0124 || s == 0x0122 || s>>8 == 0xa7:
		return model.ResultRefused
	}
	return model.ResultFailed
}

// Close counts the requests whose answers were not seen.
func (d *dissector) Close(e dissect.Emitter) {
	d.tellCalled(e)
	d.unanswered(e)
}

func (d *dissector) unanswered(e dissect.Emitter) {
	for _, r := range d.open {
		e.Operate(r.verb, r.object, model.ResultUnset, 1)
	}
	d.open = d.open[:0]
}
