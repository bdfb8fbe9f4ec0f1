package clinical_test

import (
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/wardscope/wardscope/sensor/capture/hospital/clinical"
	"github.com/wardscope/wardscope/sensor/capture/hospital/wire"
)

// play writes a script and returns what each side says, bulk octets as zeros.
func play(write func(s *wire.Script)) (said [2][]byte, steps []wire.Step) {
	r := wire.NewRand(3)
	s := wire.Script{Rand: &r}
	write(&s)
	for _, step := range s.Steps {
		said[step.From] = append(said[step.From], step.Data...)
		said[step.From] = append(said[step.From], make([]byte, step.Bulk)...)
	}
	return said, s.Steps
}

var (
	modality = clinical.Application{Title: "CT01", UID: "1.2.3", Version: "TOOL_1"}
	archive  = clinical.Application{Title: "PACS", UID: "1.2.4", Version: "ARCHIVE_2"}
)

// pdus splits a DICOM stream and returns the types; it fails on a length that does not fit.
func pdus(t *testing.T, stream []byte) (types []byte) {
	t.Helper()
	for len(stream) > 0 {
		if len(stream) < 6 {
			t.Fatalf("%d octets are left", len(stream))
		}
		n := int(binary.BigEndian.Uint32(stream[2:]))
		if 6+n > len(stream) {
			t.Fatalf("PDU of type %d has %d octets, %d are left", stream[0], n, len(stream)-6)
		}
		if stream[0] == 4 {
			checkValues(t, stream[6:6+n])
		}
		types = append(types, stream[0])
		stream = stream[6+n:]
	}
	return types
}

// checkValues walks the presentation data values of a P-DATA-TF and the command sets in them.
func checkValues(t *testing.T, body []byte) {
	t.Helper()
	for len(body) > 0 {
		n := int(binary.BigEndian.Uint32(body))
		if n+4 > len(body) || n < 2 {
			t.Fatalf("value of %d octets, %d are left", n, len(body)-4)
		}
		if value := body[4 : 4+n]; value[1]&1 == 1 {
			set := value[2:]
			length := binary.LittleEndian.Uint32(set[8:])
			if int(length) != len(set)-12 {
				t.Errorf("command group length %d, want %d", length, len(set)-12)
			}
		}
		body = body[4+n:]
	}
}

func TestDICOM(t *testing.T) {
	for _, tt := range []struct {
		name           string
		write          func(s *wire.Script)
		client, server string
	}{
		{"echo", func(s *wire.Script) { clinical.Echo(s, modality, archive) }, "145", "246"},
		{"find", func(s *wire.Script) { clinical.FindWorklist(s, modality, archive, 2) }, "1445", "2444446"},
		{"studies", func(s *wire.Script) { clinical.FindStudies(s, modality, archive, 0) }, "1445", "246"},
		{"store", func(s *wire.Script) {
			clinical.Store(s, modality, archive, clinical.Study{Class: clinical.CTImage, Modality: "CT", Images: 2, Octets: 40_001})
		}, "1444444445", "2446"},
	} {
		said, _ := play(tt.write)
		for side, want := range []string{tt.client, tt.server} {
			got := ""
			for _, typ := range pdus(t, said[side]) {
				got += strconv.Itoa(int(typ))
			}
			if got != want {
				t.Errorf("%s: side %d sends PDUs %s, want %s", tt.name, side, got, want)
			}
		}
		if !bytes.Contains(said[0], []byte("CT01            ")) || !bytes.Contains(said[1], []byte("ARCHIVE_2")) {
			t.Errorf("%s: titles or versions are missing", tt.name)
		}
	}
}

func TestMessages(t *testing.T) {
	for _, tt := range []struct{ typ, want string }{{"ORU^R01^ORU_R01", "OBX|1||69985^MDC"}, {"ADT^A01^ADT_A01", "PV1|"}, {"ORM^O01", "ORC|NW"}} {
		said, _ := play(func(s *wire.Script) {
			clinical.Messages(s, clinical.Feed{From: clinical.Party{Application: "A", Facility: "B"}, To: clinical.Party{Application: "C", Facility: "D"}, Type: tt.typ, Version: "2.6", Control: "X",
				Device: clinical.Equipment{Maker: "M", Model: "N", Serial: "S1", Code: "69985^MDC_DEV_PUMP_INFUS_MDS^MDC"}, Clock: 1e18, Every: time.Second, Messages: 3})
		})
		for side := range said {
			messages := bytes.Split(said[side], []byte("\x1c\r"))
			if len(messages) != 4 || len(messages[3]) != 0 {
				t.Fatalf("%s: %d messages", tt.typ, len(messages)-1)
			}
			for _, m := range messages[:3] {
				if !bytes.HasPrefix(m, []byte("\x0bMSH|^~\\&|")) || !bytes.HasSuffix(m, []byte("\r")) {
					t.Errorf("%s: message %q", tt.typ, m)
				}
			}
		}
		if !bytes.Contains(said[0], []byte(tt.want)) || !bytes.Contains(said[1], []byte("MSA|AA|X00003")) {
			t.Errorf("%s: %q is missing", tt.typ, tt.want)
		}
	}
}

func TestResults(t *testing.T) {
	said, _ := play(func(s *wire.Script) {
		clinical.Results(s, clinical.Equipment{Maker: "Roche", Model: "cobas", Serial: "S1"}, 1e18, 2)
	})
	frames := 0
	for f := range bytes.SplitSeq(said[0], []byte("\r\n")) {
		at := bytes.IndexByte(f, 2)
		if at < 0 {
			continue
		}
		frames++
		body := f[at+1 : len(f)-2]
		var sum byte
		for _, c := range body {
			sum += c
		}
		if got := fmt.Sprintf("%02X", sum); got != string(f[len(f)-2:]) {
			t.Errorf("checksum %s, want %s", f[len(f)-2:], got)
		}
	}
	if frames != 12 || !bytes.Contains(said[0], []byte(`H|\^&|||cobas^Roche^S1`)) {
		t.Errorf("%d frames: %q", frames, said[0])
	}
}

func TestObservations(t *testing.T) {
	said, _ := play(func(s *wire.Script) {
		clinical.Observations(s, clinical.Equipment{Maker: "Abbott", Model: "i-STAT", Serial: "S1"}, 1e18, 2)
	})
	d := xml.NewDecoder(io.MultiReader(strings.NewReader("<all>"), bytes.NewReader(bytes.TrimPrefix(said[0], []byte(`<?xml version="1.0" encoding="utf-8"?>`))), strings.NewReader("</all>")))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Contains(said[0], []byte(`<DEV.serial_id V="S1"/>`)) {
		t.Error("no serial number")
	}
}

func TestPublish(t *testing.T) {
	said, _ := play(func(s *wire.Script) {
		clinical.Publish(s, clinical.Telemetry{ClientID: "c", Topic: strings.Repeat("t", 200), User: "u", Password: "p", Messages: 2})
	})
	var kinds []byte
	for b := said[0]; len(b) > 0; {
		n, used := binary.Uvarint(b[1:])
		if used <= 0 || 1+used+int(n) > len(b) {
			t.Fatalf("packet %x does not fit", b[0])
		}
		kinds = append(kinds, b[0])
		b = b[1+used+int(n):]
	}
	if !bytes.Equal(kinds, []byte{0x10, 0x32, 0x32, 0xe0}) {
		t.Errorf("packets %x", kinds)
	}
}

func TestDataExport(t *testing.T) {
	m := clinical.Monitor{Maker: "Philips", Model: "MX450", Serial: "DE123", Software: "M.04", Label: "BED01", MAC: wire.MAC{0, 9, 0xfb, 1, 2, 3}}
	_, steps := play(func(s *wire.Script) {
		clinical.DataExport(s, m, time.Second, 70)
		clinical.ConnectIndication(s, m, time.Minute, 3)
	})
	polls, named := 0, 0
	for _, step := range steps {
		b := step.Data
		if len(b)+step.Bulk > 1472 {
			t.Errorf("datagram of %d octets", len(b))
		}
		switch {
		case b[0] == 0x0d || b[0] == 0x0e:
			if int(b[1]) != len(b)-2 {
				t.Errorf("session length %d, want %d", b[1], len(b)-2)
			}
		case b[0] == 0xe1:
			if n := int(binary.BigEndian.Uint16(b[6:])); n != len(b)-8 {
				t.Errorf("operation length %d, want %d", n, len(b)-8)
			}
		}
		if step.From == wire.Server && step.Times > 1 {
			polls += step.Times
		}
		if bytes.Contains(b, []byte("MX450")) {
			named++
		}
	}
	if polls != 70 || named != 2 {
		t.Errorf("%d poll results, %d messages with the model", polls, named)
	}
}

func TestRemoteService(t *testing.T) {
	said, _ := play(func(s *wire.Script) {
		clinical.RemoteService(s, "service.example", "CT", "S1", 1)
		clinical.RemoteListener(s)
		clinical.PumpGateway(s, "S1", time.Second, 2)
	})
	if !bytes.HasPrefix(said[0], []byte("POST /eMessage HTTP/1.1\r\n")) || !bytes.Contains(said[1], []byte("ERemoteServer")) {
		t.Errorf("%q %q", said[0], said[1])
	}
}
