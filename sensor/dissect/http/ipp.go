package http

import (
	"bytes"
	"strings"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

// The delimiters and limits of an IPP message (RFC 8010, section 3.5.1).
const (
	groupPrinter  = 4
	groupEnd      = 3
	lastDelimiter = 15
	maxAttributes = 400
)

// printer reads a printer's attributes of an IPP answer (RFC 8011, section 5.4; PWG 5100.13 and 5107.2);
// names, locations and jobs are passed over.
func (s *session) printer(e dissect.Emitter, dir dissect.Direction, body []byte) {
	if len(body) > 0 && body[0] > 2 { // the size of a chunk stands in front
		_, body, _ = bytes.Cut(body, []byte("\r\n"))
	}
	c := wire.At(body)
	c.Skip(8)
	group := byte(0)
	subject := dissect.About(e.Flow().Sender(dir))
	tell := func(kind model.Kind, name, value string) {
		e.Observe(dissect.Claim{Subject: subject, Kind: kind, Value: value, Source: "ipp." + name})
	}
	for range maxAttributes {
		tag := c.U8()
		if !c.OK() || tag == groupEnd {
			return
		}
		if tag <= lastDelimiter {
			group = tag
			continue
		}
		name := string(c.Bytes(int(c.U16())))
		value := string(c.Bytes(int(c.U16())))
		if !c.OK() {
			return
		}
		if group != groupPrinter {
			continue
		}
		switch name {
		case "printer-make-and-model":
			tell(model.KindModel, "printer_make_and_model", value)
		case "printer-firmware-string-version":
			tell(model.KindFirmware, "printer_firmware", value)
		case "printer-uuid":
			tell(model.KindIdentifier, "printer_uuid", strings.TrimPrefix(value, "urn:uuid:"))
		case "printer-device-id":
			deviceID(tell, value)
		}
	}
}

// deviceID reads an IEEE 1284 identity: keys and values.
func deviceID(tell func(model.Kind, string, string), text string) {
	for pair := range strings.SplitSeq(text, ";") {
		key, value, _ := strings.Cut(pair, ":")
		switch strings.TrimSpace(key) {
		case "MFG", "MANUFACTURER":
			tell(model.KindVendor, "printer_device_id", value)
		case "SN", "SERN", "SERIALNUMBER":
			tell(model.KindSerial, "printer_device_id", value)
		}
	}
}
