package clinical

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/wardscope/wardscope/sensor/capture/hospital/wire"
)

// frameASTM is one E1381 frame: number, text, checksum.
func frameASTM(number int, text string) []byte {
	body := fmt.Sprintf("%d%s\r\x03", number%8, text)
	var sum byte
	for i := range len(body) {
		sum += body[i]
	}
	return fmt.Appendf([]byte{2}, "%s%02X\r\n", body, sum)
}

// Results writes an analyser's upload by ASTM E1381/E1394: ENQ, framed records, EOT.
func Results(s *wire.Script, d Equipment, clock int64, samples int) {
	ack := []byte{6}
	for n := range samples {
		s.Say(wire.Client, s.Rand.Between(time.Second, 9*time.Second), []byte{5})
		s.Answer(ack)
		records := []string{
			fmt.Sprintf(`H|\^&|||%s^%s^%s|||||||P|1394-97|%s`, d.Model, d.Maker, d.Serial, stamp(clock)),
			"P|1||" + CanaryID + "||" + Canary,
			fmt.Sprintf("O|1|S%05d||^^^GLU", n+1),
			"R|1|^^^GLU|5.4|mmol/L||N||F", "R|2|^^^K|4.1|mmol/L||N||F", "L|1|N",
		}
		for i, r := range records {
			s.Ask(frameASTM(i+1, r))
			s.Answer(ack)
		}
		s.Ask([]byte{4})
	}
}

// Observations writes a point-of-care analyser's POCT1-A conversation with its data manager.
func Observations(s *wire.Script, d Equipment, clock int64, results int) {
	at := time.Unix(0, clock).UTC().Format("2006-01-02T15:04:05-00:00")
	s.Ask(fmt.Appendf(nil, `<?xml version="1.0" encoding="utf-8"?><HEL.R01><HDR><HDR.control_id V="1"/><HDR.version_id V="POCT1"/><HDR.creation_dttm V="%s"/></HDR>`+
		`<DEV><DEV.device_id V="%s"/><DEV.vendor_id V="%s"/><DEV.model_id V="%s"/><DEV.serial_id V="%s"/><DEV.manufacturer_name V="%s"/><DEV.hw_version V="2"/><DEV.sw_version V="5.1.3"/>`+
		`<DCP><DCP.application_timeout V="60"/></DCP></DEV></HEL.R01>`, at, d.Serial, d.Maker, d.Model, d.Serial, d.Maker))
	s.Answer(fmt.Appendf(nil, `<ACK.R01><HDR><HDR.control_id V="1"/><HDR.version_id V="POCT1"/></HDR><ACK><ACK.type_cd V="AA"/><ACK.ack_control_id V="1"/></ACK></ACK.R01>`))
	for i := range results {
		s.Say(wire.Client, s.Rand.Between(2*time.Second, 40*time.Second),
			fmt.Appendf(nil, `<OBS.R01><HDR><HDR.control_id V="%d"/><HDR.version_id V="POCT1"/></HDR><SVC><SVC.role_cd V="OBS"/><PT><PT.patient_id V="%s"/>`+
				`<OBS><OBS.observation_id V="2339-0" SN="LN"/><OBS.value V="5.8" U="mmol/L"/></OBS></PT></SVC></OBS.R01>`, i+2, CanaryID))
		s.Answer(fmt.Appendf(nil, `<ACK.R01><HDR><HDR.control_id V="%d"/></HDR><ACK><ACK.type_cd V="AA"/></ACK></ACK.R01>`, i+2))
	}
}

// PumpGateway writes a pump's connection to its server on port 3613: short binary records in
// both directions. The format is the generator's own; makers do not publish theirs.
func PumpGateway(s *wire.Script, serial string, every time.Duration, records int) {
	record := func(kind byte, n int) []byte {
		var b wire.Buf
		b.U8(0xa5, kind).U16(uint16(n+12)).Pad(serial, 12, 0).Raw(s.Rand.Bytes(n))
		return b
	}
	s.Ask(record(1, 24))
	s.Answer(record(2, 8))
	for range records {
		s.Say(wire.Client, every, record(3, 20+s.Rand.IntN(60)))
		s.Answer(record(4, 4))
	}
}

// Telemetry is an MQTT client, such as a wound-therapy or personal-emergency gateway.
type Telemetry struct {
	ClientID, Topic string
	User, Password  string // both empty for none
	Every           time.Duration
	Messages        int
}

func mqtt(kind byte, parts ...[]byte) []byte {
	body := wire.Join(parts...)
	out := []byte{kind}
	for n := len(body); ; {
		digit := byte(n % 128)
		if n /= 128; n > 0 {
			out = append(out, digit|0x80)
			continue
		}
		return append(append(out, digit), body...)
	}
}

// Publish writes an MQTT 3.1.1 connection with messages of quality of service 1.
func Publish(s *wire.Script, t Telemetry) {
	flags := byte(2)
	credentials := []byte{}
	if t.User != "" {
		flags |= 0xc0
		credentials = wire.Join(wire.Len16([]byte(t.User)), wire.Len16([]byte(t.Password)))
	}
	s.Ask(mqtt(0x10, wire.Len16([]byte("MQTT")), []byte{4, flags, 0, 60}, wire.Len16([]byte(t.ClientID)), credentials))
	s.Answer(mqtt(0x20, []byte{0, 0}))
	for i := range t.Messages {
		id := binary.BigEndian.AppendUint16(nil, uint16(i+1))
		s.Say(wire.Client, t.Every, mqtt(0x32, wire.Len16([]byte(t.Topic)), id, fmt.Appendf(nil, `{"battery":%d,"state":"ok"}`, 60+s.Rand.IntN(40))))
		s.Answer(mqtt(0x40, id))
	}
	s.Ask(mqtt(0xe0))
}

// RemoteService writes an Axeda agent's report to its maker's service host: HTTP POST of
// /eMessage in clear.
func RemoteService(s *wire.Script, host, model, serial string, messages int) {
	for i := range messages {
		body := fmt.Sprintf(`<eMessage xmlns="http://www.axeda.com" v="1"><Agent v="Axeda AgentEmbedded v6.1.5"/><Ping rate="60" seq="%d"/><De><Dv n="%s" sn="%s"/></De></eMessage>`, i+1, model, serial)
		s.Say(wire.Client, s.Rand.Between(time.Second, 3*time.Second), fmt.Appendf(nil,
			"POST /eMessage HTTP/1.1\r\nHost: %s\r\nUser-Agent: Axeda AgentEmbedded v6.1.5\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n%s", host, len(body), body))
		s.Answer([]byte("HTTP/1.1 200 OK\r\nServer: Apache-Coyote/1.1\r\nContent-Type: application/octet-stream\r\nContent-Length: 0\r\n\r\n"))
	}
}

// RemoteListener writes a connection to an ERemoteServer on port 3076 (ICSA-22-067-01).
func RemoteListener(s *wire.Script) {
	s.Answer([]byte("ERemoteServer\r\n"))
	s.Ask([]byte("ver\r\n"))
	s.Answer([]byte("6.1.5\r\n"))
}
