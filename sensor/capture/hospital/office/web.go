package office

import (
	"encoding/base64"
	"fmt"
	"time"

	"github.com/wardscope/wardscope/sensor/capture/hospital/wire"
)

// Page is one HTTP request and its answer.
type Page struct {
	Method, Path, Host string
	Agent, Server      string
	Type               string // content type of the answer
	Octets             int    // of the answer's body; random unless Body is set
	Body               string
	Send, SendType     string // request body
	User, Password     string // HTTP basic; User empty for none
}

// HTTP writes requests on one connection.
func HTTP(s *wire.Script, pages ...Page) {
	for _, p := range pages {
		if p.Method == "" {
			p.Method = "GET"
		}
		head := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: %s\r\n", p.Method, p.Path, p.Host)
		if p.Agent != "" {
			head += "User-Agent: " + p.Agent + "\r\n"
		}
		if p.User != "" {
			head += "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(p.User+":"+p.Password)) + "\r\n"
		}
		if p.Send != "" {
			head += fmt.Sprintf("Content-Type: %s\r\nContent-Length: %d\r\n", p.SendType, len(p.Send))
		}
		s.Ask([]byte(head + "Accept: */*\r\n\r\n" + p.Send))
		n := p.Octets
		if p.Body != "" {
			n = len(p.Body)
		}
		answer := fmt.Sprintf("HTTP/1.1 200 OK\r\nServer: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n", p.Server, p.Type, n)
		if p.Body != "" {
			s.Answer([]byte(answer + p.Body))
			continue
		}
		s.Bulk(wire.Server, s.Rand.Between(time.Millisecond, 20*time.Millisecond), []byte(answer), n)
	}
}

// SearchSSDP writes a UPnP search.
func SearchSSDP(s *wire.Script, target, agent string) {
	s.Ask(fmt.Appendf(nil, "M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\nMX: 1\r\nST: %s\r\nUSER-AGENT: %s\r\n\r\n", target, agent))
}

// NotifySSDP writes a device's UPnP announcement.
func NotifySSDP(s *wire.Script, location, server, typ, id string) {
	s.Ask(fmt.Appendf(nil, "NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nCACHE-CONTROL: max-age=1800\r\nLOCATION: %s\r\nSERVER: %s\r\nNT: %s\r\nNTS: ssdp:alive\r\nUSN: uuid:%s::%s\r\n\r\n", location, server, typ, id, typ))
}

// HelloWSD writes a WS-Discovery hello of a camera or clinical device.
func HelloWSD(s *wire.Script, id, types, scopes, address string) {
	s.Ask(fmt.Appendf(nil, `<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" `+
		`xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" xmlns:dn="http://www.onvif.org/ver10/network/wsdl"><s:Header><a:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/Hello</a:Action>`+
		`<a:MessageID>urn:uuid:%s</a:MessageID><a:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To></s:Header><s:Body><d:Hello><a:EndpointReference><a:Address>urn:uuid:%s</a:Address></a:EndpointReference>`+
		`<d:Types>%s</d:Types><d:Scopes>%s</d:Scopes><d:XAddrs>%s</d:XAddrs><d:MetadataVersion>1</d:MetadataVersion></d:Hello></s:Body></s:Envelope>`, id, id, types, scopes, address))
}

// Print writes an IPP question for a printer's attributes and a job (RFC 8011).
func Print(s *wire.Script, host, model string, octets int) {
	attr := func(tag byte, name, value string) []byte {
		return wire.Join([]byte{tag}, wire.Len16([]byte(name)), wire.Len16([]byte(value)))
	}
	uri := "ipp://" + host + "/ipp/print"
	common := wire.Join([]byte{1}, attr(0x47, "attributes-charset", "utf-8"), attr(0x48, "attributes-natural-language", "en"))
	ask := wire.Join([]byte{1, 1, 0, 0x0b, 0, 0, 0, 1}, common, attr(0x45, "printer-uri", uri), attr(0x44, "requested-attributes", "printer-make-and-model"), []byte{3})
	answer := wire.Join([]byte{1, 1, 0, 0, 0, 0, 0, 1}, common, []byte{4}, attr(0x41, "printer-make-and-model", model), attr(0x42, "printer-name", "printer"), []byte{3})
	job := wire.Join([]byte{1, 1, 0, 2, 0, 0, 0, 2}, common, attr(0x45, "printer-uri", uri), attr(0x42, "requesting-user-name", "canary.user"),
		attr(0x42, "job-name", "canary-document"), []byte{3})
	post := func(body []byte, more int) []byte {
		return wire.Join(fmt.Appendf(nil, "POST /ipp/print HTTP/1.1\r\nHost: %s:631\r\nUser-Agent: CUPS/2.4.2 IPP/2.0\r\nContent-Type: application/ipp\r\nContent-Length: %d\r\n\r\n", host, len(body)+more), body)
	}
	reply := func(body []byte) []byte {
		return wire.Join(fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nServer: IPP/2.0\r\nContent-Type: application/ipp\r\nContent-Length: %d\r\n\r\n", len(body)), body)
	}
	s.Ask(post(ask, 0))
	s.Answer(reply(answer))
	s.Bulk(wire.Client, time.Millisecond, post(job, octets), octets)
	s.Answer(reply(wire.Join([]byte{1, 1, 0, 0, 0, 0, 0, 2}, common, []byte{3})))
}

// PrintRaw writes a PJL conversation on port 9100.
func PrintRaw(s *wire.Script, model string, octets int) {
	s.Ask([]byte("\x1b%-12345X@PJL INFO ID\r\n\x1b%-12345X"))
	s.Answer([]byte("@PJL INFO ID\r\n\"" + model + "\"\r\n\x0c"))
	s.Bulk(wire.Client, time.Millisecond, []byte("\x1b%-12345X@PJL JOB NAME=\"canary-document\"\r\n@PJL ENTER LANGUAGE=PCLXL\r\n"), octets)
	s.Ask([]byte("\x1b%-12345X@PJL EOJ\r\n\x1b%-12345X"))
}
