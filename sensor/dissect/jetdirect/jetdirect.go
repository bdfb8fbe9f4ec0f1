package jetdirect

import (
	"bytes"
	"strings"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

const (
	exit     = "\x1b%-12345X" // the universal exit, which begins and ends jobs
	mark     = "@PJL"
	maxLine  = 512 // bytes
	maxLines = 200
)

type protocol struct{}

// New returns the protocol.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "jetdirect", Transport: dissect.TCP, Ports: []uint16{9100, 9101, 9102}}
}

// Probe wants the universal exit, or a line of PJL.
func (protocol) Probe(_ *dissect.Flow, dir dissect.Direction, data []byte) dissect.Verdict {
	forms := []string{mark + " ", mark + "\r", mark + "\n", exit}
	if dir == dissect.FromResponder {
		forms = forms[:1]
	}
	verdict := dissect.NotMine
	for _, form := range forms {
		if n := min(len(data), len(form)); string(data[:n]) == form[:n] {
			if n == len(form) {
				return dissect.Mine
			}
			verdict = dissect.More
		}
	}
	return verdict
}

func (protocol) New() dissect.Dissector { return &session{} }

type session struct {
	told    bool
	lines   int
	section string // of the answer: what INFO was about
	job     bool   // the printer's language follows
}

func (s *session) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	if !s.told {
		s.told = true
		dissect.Cleartext(e, "jetdirect", "jetdirect.pjl")
	}
	if dir == dissect.FromInitiator {
		return s.client(e, data)
	}
	c := wire.At(data)
	line, ok := c.Line()
	if !ok {
		if len(data) > maxLine {
			return len(data), dissect.Done
		}
		return 0, dissect.More
	}
	if s.lines++; s.lines > maxLines {
		return len(data), dissect.Done
	}
	s.answer(e, bytes.Trim(line, "\x0c \t"))
	return len(data) - c.Len(), dissect.More
}

// client counts jobs: PJL until another language is entered.
func (s *session) client(e dissect.Emitter, data []byte) (int, dissect.Verdict) {
	if s.job {
		return len(data), dissect.More
	}
	if bytes.HasPrefix(data, []byte(exit)) {
		return len(exit), dissect.More
	}
	if n := min(len(data), len(exit)); string(data[:n]) == exit[:n] {
		return 0, dissect.More
	}
	c := wire.At(data)
	line, ok := c.Line()
	switch {
	case !bytes.HasPrefix(data, []byte(mark[:min(len(mark), len(data))])), bytes.HasPrefix(line, []byte("@PJL ENTER")):
		s.job = true
		e.Operate(model.VerbStore, "print job", model.ResultUnset, 1)
		return len(data), dissect.More
	case !ok && len(data) > maxLine:
		return len(data), dissect.Done
	case !ok:
		return 0, dissect.More
	case bytes.HasPrefix(line, []byte("@PJL INFO")):
		e.Operate(model.VerbQuery, "printer", model.ResultUnset, 1)
	}
	return len(data) - c.Len(), dissect.More
}

// answer reads a line of what a printer tells of itself (chapter 7, "INFO").
func (s *session) answer(e dissect.Emitter, line []byte) {
	if rest, ok := bytes.CutPrefix(line, []byte("@PJL INFO ")); ok {
		s.section = strings.ToUpper(string(bytes.TrimSpace(rest)))
		return
	}
	if bytes.HasPrefix(line, []byte(mark)) {
		s.section = ""
		return
	}
	printer := dissect.About(e.Flow().Responder)
	switch s.section {
	case "ID":
		s.section = ""
		e.Observe(dissect.Claim{Subject: printer, Kind: model.KindModel, Value: strings.Trim(string(line), `"`), Source: "jetdirect.info_id"})
	case "PRODINFO", "CONFIG":
		key, value, _ := bytes.Cut(line, []byte("="))
		text := strings.Trim(string(value), ` "`)
		switch strings.ToLower(string(bytes.TrimSpace(key))) {
		case "productname":
			e.Observe(dissect.Claim{Subject: printer, Kind: model.KindModel, Value: text, Source: "jetdirect.product_name"})
		case "productserialnumber", "serialnumber":
			e.Observe(dissect.Claim{Subject: printer, Kind: model.KindSerial, Value: text, Source: "jetdirect.serial_number"})
		case "firmwaredatecode", "firmwareversion":
			e.Observe(dissect.Claim{Subject: printer, Kind: model.KindFirmware, Value: text, Source: "jetdirect.firmware"})
		}
	}
}
