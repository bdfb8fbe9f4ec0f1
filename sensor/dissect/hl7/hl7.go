package hl7

import (
	"bytes"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

type protocol struct{}

// New returns the HL7 version 2 dissector.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "hl7", Transport: dissect.TCP, Ports: []uint16{2575, 6661, 2100}, MaxBuffer: 2 * maxSegment, ProbeBytes: maxSegment}
}

// Probe takes a message, batch or file header: its name, a separator, encoding characters and a
// separator again, with or without a start block before it. Nothing else begins so. A connection that was
// there before the sensor is often first seen within a message: then the next header is waited for.
func (protocol) Probe(f *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	for len(data) > 1 && data[0] == startBlock {
		data = data[1:]
	}
	if begins(data) || data[0] == startBlock {
		return heads(data)
	}
	if !f.Inferred || !segments(data) {
		return dissect.NotMine
	}
	if at := bytes.Index(data, []byte{startBlock, 'M', 'S', 'H'}); at >= 0 && heads(data[at+1:]) != dissect.NotMine {
		return heads(data[at+1:])
	}
	return dissect.More
}

// heads judges what begins like a header.
func heads(data []byte) dissect.Verdict {
	if len(data) < 9 {
		return dissect.More
	}
	if enc, ok := ParseEncoding(data); !ok || bytes.IndexByte(data[5:min(len(data), 10)], enc.Field) < 0 {
		return dissect.NotMine
	}
	return dissect.Mine
}

// segments reports whether data could be from within a message: text with separators.
func segments(data []byte) bool {
	bars := 0
	for _, c := range data[:min(len(data), 256)] {
		switch {
		case c == '|':
			bars++
		case c < ' ' && c != carriage && c != '\n' && c != endBlock && c != startBlock:
			return false
		}
	}
	return bars >= 2 || bars == 1 && len(data) < 16
}

func (protocol) New() dissect.Dissector { return &dissector{} }

func (protocol) Many(n int) []dissect.Resetter { return dissect.Many[dissector](n) }

// Reset begins anew.
func (d *dissector) Reset() { *d = dissector{} }

type dissector struct {
	ends     [2]end
	reported bool
}

// end is one direction.
type end struct {
	enc      Encoding
	valid    bool   // enc was declared
	skipping bool   // in a segment that is too long
	part     string // of the equipment named last, for UDI fields
	charset  string // MSH-18 of the message
	last     [headerClaims]string
	said     []byte // what last was made of
	room     [112]byte
	repeats  repeats
}

// repeats counts headers that say the same as the one that was told last. An interface engine sends
// thousands, and to claim the same for each costs more than all the rest of reading them.
type repeats struct {
	times        uint64
	told         int64 // when the claims were made last
	since, until int64 // of the headers counted; valid iff times > 0
}

// repeatEvery is how long repeats are counted before they are told, in nanoseconds of packets' time.
const repeatEvery = 60e9

// What a message header claims, and what of it is kept from message to message, because an
// interface engine says the same in each.
const (
	sendingApplication = iota
	sendingFacility
	receivingApplication
	receivingFacility
	charset
	messageType
	versionID
	headerClaims
)

// keep returns v as a string, that of the message before if it is the same.
func (x *end) keep(what int, v []byte) string {
	if x.last[what] != string(v) {
		x.last[what] = wire.String(v)
	}
	return x.last[what]
}

// Feed reads whole segments. A segment that is too long is dropped the same way however it
// arrives: whole, or piece by piece.
func (d *dissector) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	x := &d.ends[dir]
	at := segmentEnd(data)
	if at < 0 {
		if x.skipping || len(data) > maxSegment {
			x.skipping = true
			return len(data), dissect.More
		}
		return 0, dissect.More
	}
	if !x.skipping && at <= maxSegment {
		d.segment(e, dir, bytes.TrimLeft(data[:at], "\x0b"))
	}
	x.skipping = false
	return at + 1, dissect.More
}

// segmentEnd is where the first segment of data ends, -1 when it does not. Each kind of end is looked for
// by itself, the usual one first: that is several times faster than a look at each byte.
func segmentEnd(data []byte) int {
	end := -1
	for _, c := range [...]byte{carriage, '\n', endBlock} {
		if at := bytes.IndexByte(data, c); at >= 0 {
			end, data = at, data[:at]
		}
	}
	return end
}

// Gap forgets the segment that was cut; the next one is read again.
func (d *dissector) Gap(_ dissect.Emitter, dir dissect.Direction, _ int) dissect.Verdict {
	d.ends[dir].skipping = true
	return dissect.More
}

func (d *dissector) segment(e dissect.Emitter, dir dissect.Direction, s []byte) {
	x := &d.ends[dir]
	if len(s) < 4 {
		return
	}
	name := string(s[:3])
	switch name {
	case "MSH":
		d.header(e, dir, s)
		return
	case "FHS", "BHS":
		d.batch(e, dir, s)
		return
	}
	if !x.valid || s[3] != x.enc.Field {
		return
	}
	sender := dissect.About(e.Flow().Sender(dir))
	switch name {
	case "SFT":
		x.software(e, sender, s)
	case "OBX":
		x.observation(e, sender, s)
	case "PRT":
		x.participation(e, sender, s)
	}
}

func (d *dissector) header(e dissect.Emitter, dir dissect.Direction, s []byte) {
	x := &d.ends[dir]
	x.enc, x.valid = ParseEncoding(s)
	x.part = ""
	if !x.valid {
		return
	}
	if !d.reported {
		d.reported = true
		dissect.Cleartext(e, "hl7", "hl7.MSH")
		e.Report(dissect.Weakness{Type: model.FindingNoAuthentication, Rule: "hl7.no_authentication", Version: 1, Subject: e.Flow().Responder,
			Peer: e.Flow().Initiator, Detail: "the protocol has no authentication", Evidence: "hl7.MSH"})
	}
	var fields [lastHeaderField + 1][]byte
	x.enc.header(s, &fields)
	var room [256]byte
	said := append(room[:0], s[3:min(len(s), 8)]...) // the encoding characters
	for _, n := range [...]int{3, 4, 5, 6, 9, 12, 18} {
		said = append(append(said, '\r'), fields[n]...)
	}
	now := e.Flow().Time
	if len(x.said) == 0 || !bytes.Equal(said, x.said) {
		x.tellRepeats(e, dir)
		x.said = append(x.room[:0], said...)
		x.read(&fields)
		if v := x.last[versionID]; v != "" {
			e.Version(v)
		}
		x.claims(e, dir, 1, now, now)
		x.repeats.told = now
	} else {
		if x.repeats.times == 0 {
			x.repeats.since, x.repeats.until = now, now
		}
		x.repeats.times++
		x.repeats.since, x.repeats.until = min(x.repeats.since, now), max(x.repeats.until, now)
		if now-x.repeats.told >= repeatEvery {
			x.tellRepeats(e, dir)
			x.repeats.told = now
		}
	}
	if sends := x.last[messageType]; sends != "" {
		e.Operate(verb(sends[len("sends "):]), sends[len("sends "):], model.ResultUnset, 1)
	}
}

// read keeps what a header claims.
func (x *end) read(fields *[lastHeaderField + 1][]byte) {
	x.charset = string(fields[18])
	for what, field := range [...]int{sendingApplication: 3, sendingFacility: 4, receivingApplication: 5, receivingFacility: 6} {
		x.keep(what, x.decoded(x.enc.designator(fields[field])))
	}
	x.last[charset], x.last[versionID] = "", ""
	if set := fields[18]; len(set) > 0 {
		x.last[charset] = wire.Join("charset ", wire.String(set))
	}
	if v := x.enc.Part(fields[12], 1); code(v) {
		x.keep(versionID, v)
	}
	x.message(fields[9])
}

// claims makes the claims of the header that was read last.
func (x *end) claims(e dissect.Emitter, dir dissect.Direction, times uint64, since, until int64) {
	from, to := dissect.About(e.Flow().Sender(dir)), dissect.About(e.Flow().Receiver(dir))
	for _, c := range [...]dissect.Claim{
		{Subject: from, Kind: model.KindIdentifier, Value: x.last[sendingApplication], Source: "hl7.MSH-3"},
		{Subject: from, Kind: model.KindIdentifier, Value: x.last[sendingFacility], Source: "hl7.MSH-4"},
		{Subject: to, Kind: model.KindIdentifier, Value: x.last[receivingApplication], Source: "hl7.MSH-5"},
		{Subject: to, Kind: model.KindIdentifier, Value: x.last[receivingFacility], Source: "hl7.MSH-6"},
		{Subject: from, Kind: model.KindCapability, Value: x.last[charset], Source: "hl7.MSH-18"},
		{Subject: from, Kind: model.KindCapability, Value: x.last[messageType], Source: "hl7.MSH-9"},
	} {
		if c.Value != "" && c.Value != `""` {
			e.ObserveAgain(c, times, since, until)
		}
	}
}

// tellRepeats makes the claims of the headers that were only counted.
func (x *end) tellRepeats(e dissect.Emitter, dir dissect.Direction) {
	if r := &x.repeats; r.times > 0 {
		x.claims(e, dir, r.times, r.since, r.until)
		r.times = 0
	}
}

// Close tells what was counted and not told yet.
func (d *dissector) Close(e dissect.Emitter) {
	for dir := range d.ends {
		d.ends[dir].tellRepeats(e, dissect.Direction(dir))
	}
}

// batch reads the header of a file or batch: its fields 3 to 6 are those of MSH. The encoding
// characters hold until the next header; batch names and comments (typed by people) are not read.
func (d *dissector) batch(e dissect.Emitter, dir dissect.Direction, s []byte) {
	x := &d.ends[dir]
	enc, ok := ParseEncoding(s)
	if !ok {
		return
	}
	x.tellRepeats(e, dir)
	x.said = x.said[:0]
	x.enc, x.valid, x.part, x.charset = enc, true, "", ""
	from, to := dissect.About(e.Flow().Sender(dir)), dissect.About(e.Flow().Receiver(dir))
	var fields [lastHeaderField + 1][]byte
	x.enc.header(s, &fields)
	name := string(s[:3])
	claim(e, from, model.KindIdentifier, x.keep(sendingApplication, x.decoded(x.enc.designator(fields[3]))), "hl7."+name+"-3")
	claim(e, from, model.KindIdentifier, x.keep(sendingFacility, x.decoded(x.enc.designator(fields[4]))), "hl7."+name+"-4")
	claim(e, to, model.KindIdentifier, x.keep(receivingApplication, x.decoded(x.enc.designator(fields[5]))), "hl7."+name+"-5")
	claim(e, to, model.KindIdentifier, x.keep(receivingFacility, x.decoded(x.enc.designator(fields[6]))), "hl7."+name+"-6")
}

// message keeps the type of a message, MSH-9.
func (x *end) message(field []byte) {
	x.last[messageType] = ""
	var held [32]byte
	b := append(append(held[:0], "sends "...), x.enc.Part(field, 1)...)
	if trigger := x.enc.Part(field, 2); len(trigger) > 0 {
		b = append(append(b, '^'), trigger...)
	}
	if code(b[len("sends "):]) {
		x.keep(messageType, b)
	}
}

// code reports a short word of letters, digits and the separators of types and versions, so
// that nothing else gets out through a field that should hold a code.
func code(b []byte) bool {
	for _, c := range b {
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && c != '^' && c != '.' && c != '_' {
			return false
		}
	}
	return len(b) > 0 && len(b) <= 16
}

func prefixed(prefix string, v []byte) string {
	if len(v) == 0 {
		return ""
	}
	return prefix + string(v)
}

// verb by message type: HL7 v2.9, table 0076.
func verb(message string) model.Verb {
	switch message[:min(3, len(message))] {
	case "QRY", "QBP", "QCN", "QSB", "OSQ", "VXQ":
		return model.VerbQuery
	case "ORM", "OML", "RDE", "RAS", "OMG", "OMI", "OMP", "PCD":
		return model.VerbExecute
	case "ACK", "":
		return model.VerbUnset
	}
	return model.VerbNotify
}

func claim(e dissect.Emitter, s model.Subject, kind model.Kind, v, source string) {
	if v != "" && v != `""` {
		e.Observe(dissect.Claim{Subject: s, Kind: kind, Value: v, Source: source})
	}
}
