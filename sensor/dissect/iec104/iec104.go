package iec104

import (
	"strconv"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
)

type protocol struct{}

// New returns the IEC 60870-5-104 dissector.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "iec104", Transport: dissect.TCP, Ports: []uint16{2404}, MaxBuffer: 512}
}

// Probe is sure of two frames in a row, or of one unnumbered frame, which is six fixed bytes.
func (protocol) Probe(_ *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	for seen := 1; ; seen++ {
		f, size := Next(data)
		switch {
		case size < 0:
			return dissect.NotMine
		case size == 0:
			return dissect.More
		case f.Format == 'U' || seen == 2:
			return dissect.Mine
		}
		data = data[size:]
	}
}

func (protocol) New() dissect.Dissector { return &dissector{} }

type dissector struct{ reported bool }

func (d *dissector) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	f, size := Next(data)
	if size < 0 {
		return 0, dissect.NotMine
	}
	if size == 0 {
		return 0, dissect.More
	}
	station, peer := e.Flow().Responder, e.Flow().Initiator
	switch f.Format {
	case 'U':
		if f.Control == 0x0b && dir == dissect.FromResponder && !d.reported {
			d.reported = true
			e.Report(dissect.Weakness{Type: model.FindingNoAuthentication, Rule: "iec104.no_authentication", Version: 1, Subject: station,
				Peer: peer, Detail: "data transfer is started without authentication", Evidence: "iec104.startdt"})
		}
	case 'I':
		operate(e, dir, &f)
		if !names(dir, &f) {
			break
		}
		s := dissect.About(station)
		s.Part = "iec104:" + strconv.Itoa(int(f.Station))
		e.Observe(dissect.Claim{Subject: s, Kind: model.KindIdentifier, Value: "station " + strconv.Itoa(int(f.Station)), Source: "iec104.common_address"})
	}
	return size, dissect.More
}

// names reports whether a frame shows that its station is there: it answers itself. The centre may ask
// for one that is not, or for all of them.
func names(dir dissect.Direction, f *Frame) bool {
	const everyone, unknownStation = 0xffff, 46
	return dir == dissect.FromResponder && f.Station != 0 && f.Station != everyone && f.Cause != unknownStation
}

// Gap goes on with the next frame.
func (d *dissector) Gap(dissect.Emitter, dissect.Direction, int) dissect.Verdict { return dissect.More }

// operate counts by type group: IEC 60870-5-101, section 7.2.1.1.
func operate(e dissect.Emitter, dir dissect.Direction, f *Frame) {
	verb, object := model.VerbUnset, ""
	switch t := f.Type; {
	case t <= 44:
		verb, object = model.VerbNotify, "process-data"
	case t <= 69:
		verb, object = model.VerbExecute, "command"
	case t >= 100 && t <= 106:
		verb, object = model.VerbRead, "interrogation"
		if t == 103 || t == 105 {
			verb, object = model.VerbConfigure, "station"
		}
	case t >= 110 && t <= 113:
		verb, object = model.VerbWrite, "parameter"
	case t >= 120 && t <= 126:
		verb, object = model.VerbRead, "file"
	}
	if verb == model.VerbUnset {
		return
	}
	result := model.ResultUnset
	if confirmed := f.Cause == 7 || f.Cause == 9 || f.Cause >= 44; confirmed {
		result = model.ResultOK
		if f.Negative || f.Cause >= 44 {
			result = model.ResultRefused
		}
	} else if dir == dissect.FromInitiator && verb != model.VerbNotify {
		return // counted when it is confirmed
	}
	e.Operate(verb, object, result, 1)
}
