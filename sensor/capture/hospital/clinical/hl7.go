package clinical

import (
	"fmt"
	"strings"
	"time"

	"github.com/wardscope/wardscope/sensor/capture/hospital/wire"
)

// Party is one end of an HL7 interface: MSH-3 and MSH-4.
type Party struct{ Application, Facility string }

// Equipment is what PRT and OBX-18 say of a device.
type Equipment struct {
	Maker, Model, Serial, Code string // Code is an MDC device code such as "69985^MDC_DEV_PUMP_INFUS_MDS^MDC"
}

// Feed is an HL7 connection.
type Feed struct {
	From, To Party
	Type     string // MSH-9, such as "ORU^R01^ORU_R01"
	Version  string // MSH-12
	Control  string // first part of MSH-10
	Device   Equipment
	Clock    int64 // Unix nanoseconds of the first message
	Every    time.Duration
	Messages int
	Brief    bool // one value a message
}

func mllp(segments ...string) []byte {
	return []byte("\x0b" + strings.Join(segments, "\r") + "\r\x1c\r")
}

func stamp(t int64) string { return time.Unix(0, t).UTC().Format("20060102150405") }

// Messages writes a long-lived MLLP connection with messages and their acknowledgements.
func Messages(s *wire.Script, f Feed) {
	t := f.Clock
	for i := range f.Messages {
		id := fmt.Sprintf("%s%05d", f.Control, i+1)
		msh := fmt.Sprintf(`MSH|^~\&|%s|%s|%s|%s|%s||%s|%s|P|%s|||AL|NE||UNICODE UTF-8`,
			f.From.Application, f.From.Facility, f.To.Application, f.To.Facility, stamp(t), f.Type, id, f.Version)
		s.Say(wire.Client, f.Every, mllp(append([]string{msh}, f.body(i, t)...)...))
		kind := "ACK^" + trigger(f.Type) + "^ACK"
		ack := fmt.Sprintf(`MSH|^~\&|%s|%s|%s|%s|%s||%s|A%s|P|%s`,
			f.To.Application, f.To.Facility, f.From.Application, f.From.Facility, stamp(t), kind, id, f.Version)
		s.Answer(mllp(ack, "MSA|AA|"+id))
		t += int64(f.Every)
	}
}

func trigger(typ string) string {
	parts := strings.Split(typ, "^")
	if len(parts) > 1 {
		return parts[1]
	}
	return typ
}

func (f Feed) body(i int, t int64) []string {
	pid := "PID|1||" + CanaryID + "^^^HOSP^MR||" + Canary + "||19700101|U"
	switch {
	case strings.HasPrefix(f.Type, "ADT"):
		return []string{"EVN|" + trigger(f.Type) + "|" + stamp(t), pid, "PV1|1|I|WARD^1^1"}
	case strings.HasPrefix(f.Type, "ORM"):
		return []string{pid, "ORC|NW|" + fmt.Sprint(1000+i), "OBR|1|" + fmt.Sprint(1000+i) + "||71020^CHEST 2 VIEWS^C4"}
	}
	out := []string{pid, fmt.Sprintf("OBR|1|%d|%d|182777000^monitoring of patient^SCT|||%s", i+1, i+1, stamp(t))}
	d := f.Device
	eui := fmt.Sprintf("%s^%s^%s^EUI-64", d.Serial, d.Maker, d.Model)
	if d.Code != "" {
		out = append(out, fmt.Sprintf("OBX|1||%s|1.0.0.0|||||||X|||%s||||%s", d.Code, stamp(t), eui),
			"PRT|1|AD||EQUIP^Equipment^HL70912||||||"+d.Serial)
	}
	values := []string{"147842^MDC_ECG_HEART_RATE^MDC|1.1.1.147842|72|264864^MDC_DIM_BEAT_PER_MIN^MDC",
		"150456^MDC_PULS_OXIM_SAT_O2^MDC|1.1.1.150456|97|262688^MDC_DIM_PERCENT^MDC",
		"157784^MDC_FLOW_FLUID_PUMP^MDC|1.1.2.157784|12.5|265266^MDC_DIM_MILLI_L_PER_HR^MDC"}
	if f.Brief {
		values = values[:1]
	}
	for j, v := range values {
		out = append(out, fmt.Sprintf("OBX|%d|NM|%s|||||R|||%s||||%s", j+2, v, stamp(t), eui))
	}
	return out
}
