package clinical

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/wardscope/wardscope/sensor/capture/hospital/wire"
)

// Canary is the patient name in all generated traffic. No output of a sensor may contain it.
const Canary = "CANARY^PATIENT"

// CanaryID is the patient identifier that goes with Canary.
const CanaryID = "CANARYMRN0042"

// Application is one end of a DICOM association.
type Application struct {
	Title   string // application entity title, at most 16 octets
	UID     string // implementation class UID
	Version string // implementation version name
}

// SOP classes (PS3.6, annex A) and transfer syntaxes that are used.
const (
	Verification = "1.2.840.10008.1.1"
	CTImage      = "1.2.840.10008.5.1.4.1.1.2"
	MRImage      = "1.2.840.10008.5.1.4.1.1.4"
	USImage      = "1.2.840.10008.5.1.4.1.1.6.1"
	CRImage      = "1.2.840.10008.5.1.4.1.1.1"
	DXImage      = "1.2.840.10008.5.1.4.1.1.1.1"
	Worklist     = "1.2.840.10008.5.1.4.31"
	StudyFind    = "1.2.840.10008.5.1.4.1.2.2.1"

	applicationContext = "1.2.840.10008.3.1.1.1"
	implicitLE         = "1.2.840.10008.1.2"
	explicitLE         = "1.2.840.10008.1.2.1"
	maxPDU             = 16384
)

func item(typ byte, parts ...[]byte) []byte {
	return wire.Join([]byte{typ, 0}, wire.Len16(parts...))
}

func pdu(typ byte, body ...[]byte) []byte {
	b := wire.Join(body...)
	return wire.Join([]byte{typ, 0}, binary.BigEndian.AppendUint32(nil, uint32(len(b))), b)
}

func userInfo(a Application) []byte {
	return item(0x50, item(0x51, binary.BigEndian.AppendUint32(nil, maxPDU)), item(0x52, []byte(a.UID)), item(0x55, []byte(a.Version)))
}

func associate(typ byte, called, calling Application, contexts, info []byte) []byte {
	var b wire.Buf
	b.U16(1, 0).Pad(called.Title, 16, ' ').Pad(calling.Title, 16, ' ').Zero(32)
	return pdu(typ, b, item(0x10, []byte(applicationContext)), contexts, info)
}

// open writes A-ASSOCIATE-RQ and -AC for the SOP classes; class i gets context id 2i+1.
func open(s *wire.Script, calling, called Application, classes ...string) {
	var offer, accept []byte
	for i, c := range classes {
		id := byte(2*i + 1)
		offer = append(offer, item(0x20, []byte{id, 0, 0, 0}, item(0x30, []byte(c)), item(0x40, []byte(implicitLE)), item(0x40, []byte(explicitLE)))...)
		accept = append(accept, item(0x21, []byte{id, 0, 0, 0}, item(0x40, []byte(explicitLE)))...)
	}
	s.Ask(associate(1, called, calling, offer, userInfo(calling)))
	s.Answer(associate(2, called, calling, accept, userInfo(called)))
}

func release(s *wire.Script) {
	s.Ask(pdu(5, make([]byte, 4)))
	s.Answer(pdu(6, make([]byte, 4)))
}

func even(v string) []byte {
	if len(v)%2 == 1 {
		v += "\x00"
	}
	return []byte(v)
}

// command is a command set (PS3.7, section 6.3.1): implicit little endian, group 0000.
type command struct{ body wire.Buf }

func (c *command) add(element uint16, value []byte) {
	c.body.U16LE(0, element).U32LE(uint32(len(value))).Raw(value)
}

func (c *command) short(element, value uint16) {
	c.add(element, binary.LittleEndian.AppendUint16(nil, value))
}

func (c *command) pdu(context byte) []byte {
	var whole command
	whole.add(0, binary.LittleEndian.AppendUint32(nil, uint32(len(c.body))))
	whole.body.Raw(c.body)
	return dataPDU(context, 3, whole.body, 0)
}

// dataPDU is a P-DATA-TF with one value; bulk octets of it follow outside. Flags: 1 command, 2 last.
func dataPDU(context, flags byte, data []byte, bulk int) []byte {
	n := uint32(len(data) + bulk)
	var b wire.Buf
	b.U8(4, 0).U32(n+6, n+2).U8(context, flags).Raw(data)
	return b
}

const noDataSet = 0x0101

func request(field, id uint16, class, instance string, dataSet bool) *command {
	c := &command{}
	c.add(2, even(class))
	c.short(0x100, field)
	c.short(0x110, id)
	if field != 0x30 {
		c.short(0x700, 0)
	}
	if dataSet {
		c.short(0x800, 1)
	} else {
		c.short(0x800, noDataSet)
	}
	if instance != "" {
		c.add(0x1000, even(instance))
	}
	return c
}

func response(field, id uint16, class, instance string, status uint16) *command {
	c := &command{}
	c.add(2, even(class))
	c.short(0x100, field)
	c.short(0x120, id)
	if status == 0xff00 {
		c.short(0x800, 1)
	} else {
		c.short(0x800, noDataSet)
	}
	c.short(0x900, status)
	if instance != "" {
		c.add(0x1000, even(instance))
	}
	return c
}

// element is a data element in explicit VR little endian with a two-octet length.
func element(group, elem uint16, vr, value string) []byte {
	pad := byte(' ')
	if vr == "UI" {
		pad = 0
	}
	if len(value)%2 == 1 {
		value += string(pad)
	}
	var b wire.Buf
	b.U16LE(group, elem).Str(vr).U16LE(uint16(len(value))).Str(value)
	return b
}

// Echo writes an association with one C-ECHO.
func Echo(s *wire.Script, calling, called Application) {
	open(s, calling, called, Verification)
	s.Ask(request(0x30, 1, Verification, "", false).pdu(1))
	s.Answer(response(0x8030, 1, Verification, "", 0).pdu(1))
	release(s)
}

// Study is what a modality sends.
type Study struct {
	Class    string // SOP class
	Modality string // "CT", "MR", …
	Images   int
	Octets   int // pixel octets an image
}

// Store writes an association with one C-STORE for each image.
func Store(s *wire.Script, calling, called Application, st Study) {
	open(s, calling, called, st.Class, Verification)
	root := fmt.Sprintf("1.2.826.0.1.3680043.8.498.%d", s.Rand.Uint64()>>20)
	for i := range st.Images {
		instance := fmt.Sprintf("%s.%d", root, i+1)
		id := uint16(i + 1)
		s.Ask(request(1, id, st.Class, instance, true).pdu(1))
		head := wire.Join(
			element(8, 0x16, "UI", st.Class), element(8, 0x18, "UI", instance), element(8, 0x60, "CS", st.Modality),
			element(0x10, 0x10, "PN", Canary), element(0x10, 0x20, "LO", CanaryID),
			element(0x20, 0x0d, "UI", root), element(0x20, 0x0e, "UI", root+".0"))
		var pixel wire.Buf
		n := st.Octets &^ 1
		pixel.Raw(head).U16LE(0x7fe0, 0x10).Str("OW").U16LE(0).U32LE(uint32(n))
		bulkPDUs(s, pixel, n)
		s.Answer(response(0x8001, id, st.Class, instance, 0).pdu(1))
	}
	release(s)
}

// bulkPDUs writes a data set of head and n random octets as P-DATA-TF of at most maxPDU octets.
func bulkPDUs(s *wire.Script, head []byte, n int) {
	for {
		chunk := min(n, maxPDU-12-len(head))
		flags := byte(0)
		if chunk == n {
			flags = 2
		}
		s.Bulk(wire.Client, 60*time.Microsecond, dataPDU(1, flags, head, chunk), chunk)
		if chunk == n {
			return
		}
		n -= chunk
		head = nil
	}
}

// FindWorklist writes an association with one C-FIND of the modality worklist and its answers.
func FindWorklist(s *wire.Script, calling, called Application, answers int) {
	find(s, calling, called, Worklist, answers)
}

// FindStudies writes an association with one study-level C-FIND and its answers.
func FindStudies(s *wire.Script, calling, called Application, answers int) {
	find(s, calling, called, StudyFind, answers)
}

func find(s *wire.Script, calling, called Application, class string, answers int) {
	open(s, calling, called, class)
	s.Ask(request(0x20, 1, class, "", true).pdu(1))
	query := wire.Join(element(8, 0x52, "CS", "STUDY"), element(0x10, 0x10, "PN", ""), element(0x10, 0x20, "LO", ""))
	s.Ask(dataPDU(1, 2, query, 0))
	for i := range answers {
		match := wire.Join(element(8, 0x50, "SH", fmt.Sprintf("CANARYACC%d", i)), element(0x10, 0x10, "PN", Canary), element(0x10, 0x20, "LO", CanaryID))
		s.Answer(response(0x8020, 1, class, "", 0xff00).pdu(1), dataPDU(1, 2, match, 0))
	}
	s.Answer(response(0x8020, 1, class, "", 0).pdu(1))
	release(s)
}
