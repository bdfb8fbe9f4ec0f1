package http

import (
	"bytes"
	"strings"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

const (
	bodyHint  = 600     // bytes of a body that show what it is
	bodyWhole = 8 << 10 // bytes of a body that are waited for, and searched
)

// described are the bodies in which a product says what it is. A body is of the kind iff its media type and
// its first bytes say so.
var described = [...]struct {
	media, mark string
	tell        func(*session, dissect.Emitter, dissect.Direction, []byte)
}{
	{"json", `"CapabilityStatement"`, (*session).capability},
	{"json", `"Conformance"`, (*session).capability},
	{"json", `"DicomAet"`, (*session).orthanc},
	{"json", `"cluster_uuid"`, (*session).elasticsearch},
	{"application/ipp", "attributes-charset", (*session).printer},
	{"xml", "http://schemas.xmlsoap.org/ws/2006/02/devprof", (*session).profile},
	{"xml", "http://docs.oasis-open.org/ws-dd/ns/dpws/2009/01", (*session).profile},
	{"xml", "urn:schemas-upnp-org:device-1-0", (*session).device},
}

// describe reads a response's body if it is one in which a product describes itself. It returns false while
// bytes of it are still to come.
func (s *session) describe(e dissect.Emitter, dir dissect.Direction, h *head, data []byte) bool {
	if h.status != 200 || s.toHEAD || h.size > bodyWhole/2 || h.encoded {
		return true
	}
	body, whole := data[h.size:], bodyWhole
	if h.contentLength >= 0 {
		whole = min(whole, h.contentLength)
		body = body[:min(len(body), whole)]
	}
	ended := len(body) >= whole
	switch tail := bytes.TrimSpace(body); {
	case h.chunked:
		ended = ended || bytes.HasSuffix(body, []byte("\r\n0\r\n\r\n"))
	case h.contentLength < 0: // until the connection ends
		ended = ended || bytes.HasSuffix(tail, []byte(":Envelope>")) || bytes.HasSuffix(tail, []byte("</root>")) ||
			bytes.HasSuffix(tail, []byte("}")) && bytes.Count(tail, []byte("{")) == bytes.Count(tail, []byte("}"))
	}
	for i := range described {
		d := &described[i]
		if !bytes.Contains(h.contentType, []byte(d.media)) {
			continue
		}
		if !ended && len(body) < bodyHint {
			return false
		}
		if !bytes.Contains(body[:min(len(body), bodyHint)], []byte(d.mark)) {
			continue
		}
		if !ended {
			return false
		}
		d.tell(s, e, dir, body)
		return true
	}
	return true
}

// capability reads the software of a FHIR server (FHIR R4, CapabilityStatement.software, .fhirVersion).
func (s *session) capability(e dissect.Emitter, dir dissect.Direction, body []byte) {
	e.Service("fhir")
	if v := member(body, "fhirVersion"); v != "" {
		tell(e, dir, model.KindCapability, "FHIR "+v, "fhir.version")
	}
	_, software, ok := bytes.Cut(body, []byte(`"software"`))
	if !ok {
		return
	}
	software, _, _ = bytes.Cut(software, []byte("}"))
	if name := member(software, "name"); name != "" {
		tell(e, dir, model.KindSoftware, strings.TrimSpace(name+" "+member(software, "version")), "fhir.software")
	}
}

// orthanc reads the answer of Orthanc's /system (Orthanc Book, REST API).
func (s *session) orthanc(e dissect.Emitter, dir dissect.Direction, body []byte) {
	if v := member(body, "Version"); v != "" && bytes.Contains(body, []byte(`"DatabaseVersion"`)) {
		tell(e, dir, model.KindSoftware, "Orthanc "+v, "http.signature")
		tell(e, dir, model.KindIdentifier, member(body, "DicomAet"), "http.orthanc_ae")
	}
}

// elasticsearch reads the answer to a request for the root (Elasticsearch Guide, REST APIs).
func (s *session) elasticsearch(e dissect.Emitter, dir dissect.Direction, body []byte) {
	_, version, _ := bytes.Cut(body, []byte(`"version"`))
	if v := member(version, "number"); v != "" {
		e.Service("elasticsearch")
		tell(e, dir, model.KindSoftware, "Elasticsearch "+v, "elasticsearch.version")
	}
}

// profile reads the metadata of a device with a web services profile (DPWS 1.1, section 5): what it is, and of a
// computer that shares (MS-PBSD) its name and group.
func (s *session) profile(e dissect.Emitter, dir dissect.Direction, body []byte) {
	for _, x := range [...]struct {
		tag    string
		kind   model.Kind
		source string
	}{
		{":Manufacturer", model.KindVendor, "ws-discovery.manufacturer"}, {":ModelName", model.KindModel, "ws-discovery.model_name"},
		{":ModelNumber", model.KindModel, "ws-discovery.model_number"}, {":FirmwareVersion", model.KindFirmware, "ws-discovery.firmware"},
		{":SerialNumber", model.KindSerial, "ws-discovery.serial_number"},
	} {
		tell(e, dir, x.kind, element(body, x.tag), x.source)
	}
	name, group, _ := strings.Cut(element(body, ":Computer"), "/")
	tell(e, dir, model.KindHostname, name, "ws-discovery.computer")
	if kind, group, ok := strings.Cut(group, ":"); ok && kind != "NotJoined" {
		tell(e, dir, model.KindDomain, group, "ws-discovery.computer")
	}
}

// element is the text of the first element whose name ends so; "" if it is long or not printable.
func element(body []byte, tag string) string {
	for {
		_, rest, ok := bytes.Cut(body, []byte(tag))
		if !ok {
			return ""
		}
		body = rest
		attributes, rest, ok := bytes.Cut(rest, []byte(">"))
		if !ok || len(attributes) > 64 || len(attributes) > 0 && attributes[0] != ' ' {
			continue
		}
		value, _, ok := bytes.Cut(rest, []byte("<"))
		if value = bytes.TrimSpace(value); !ok || len(value) > 128 || !wire.Printable(value) {
			return ""
		}
		return string(value)
	}
}

// device reads a UPnP device description (UPnP Device Architecture 2.0, section 2.3), but not the name that
// its owner gave it.
func (s *session) device(e dissect.Emitter, dir dissect.Direction, body []byte) {
	for _, x := range [...]struct {
		tag    string
		kind   model.Kind
		source string
	}{
		{"manufacturer", model.KindVendor, "upnp.manufacturer"}, {"modelName", model.KindModel, "upnp.model_name"},
		{"modelNumber", model.KindModel, "upnp.model_number"}, {"serialNumber", model.KindSerial, "upnp.serial_number"},
		{"UDN", model.KindIdentifier, "upnp.udn"}, {"deviceType", model.KindServiceOffered, "upnp.device_type"},
	} {
		tell(e, dir, x.kind, element(body, "<"+x.tag), x.source)
	}
}

// tell claims something for who sent the direction's bytes.
func tell(e dissect.Emitter, dir dissect.Direction, kind model.Kind, value, source string) {
	if value != "" {
		e.Observe(dissect.Claim{Subject: dissect.About(e.Flow().Sender(dir)), Kind: kind, Value: value, Source: source})
	}
}

// member finds the first member of that name whose value is a plain string, in JSON that may be cut off.
func member(body []byte, name string) string {
	for {
		_, rest, ok := bytes.Cut(body, []byte(`"`+name+`"`))
		if !ok {
			return ""
		}
		body = rest
		rest = bytes.TrimLeft(rest, " \t\r\n")
		if len(rest) == 0 || rest[0] != ':' {
			continue
		}
		rest = bytes.TrimLeft(rest[1:], " \t\r\n")
		if len(rest) == 0 || rest[0] != '"' {
			continue
		}
		value, _, ok := bytes.Cut(rest[1:], []byte(`"`))
		if ok && len(value) <= 128 && wire.Printable(value) && bytes.IndexByte(value, '\\') < 0 {
			return string(value)
		}
	}
}
