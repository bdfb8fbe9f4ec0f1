package opcua

import (
	"net/url"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

type protocol struct{}

// New returns the OPC UA dissector.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "opcua", Transport: dissect.TCP, Ports: []uint16{4840}, MaxBuffer: maxMessage}
}

// Probe takes a hello, an acknowledge, an error or an opening chunk by its contents. Other
// chunks, in the middle of a channel, prove too little.
func (protocol) Probe(_ *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	x, size := Next(data)
	switch {
	case size < 0:
		return dissect.NotMine
	case size == 0:
		return dissect.More
	}
	ok := false
	switch x.Kind {
	case "HEL":
		_, ok = HelloURL(x.Body)
	case "RHE":
		ok = true
	case "ACK":
		ok = len(x.Body) == 20
	case "ERR":
		return dissect.More
	case "OPN":
		_, ok = Policy(x.Body)
	case "MSG":
		id, c := Service(x.Body)
		ok = id >= 391 && id < 1000 && c.OK()
	}
	if !ok {
		return dissect.NotMine
	}
	return dissect.Mine
}

func (protocol) New() dissect.Dissector { return &dissector{} }

type dissector struct {
	policy string // of the channel, "" while unknown
}

const none = "http://opcfoundation.org/UA/SecurityPolicy#None"

func (d *dissector) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	x, size := Next(data)
	if size < 0 {
		return 0, dissect.NotMine
	}
	if size == 0 {
		return 0, dissect.More
	}
	server := e.Flow().Responder
	switch x.Kind {
	case "HEL":
		if u, ok := HelloURL(x.Body); ok {
			say(e, server, model.KindServiceOffered, host(u), "opcua.endpoint_url")
		}
	case "OPN":
		if p, ok := Policy(x.Body); ok {
			d.policy = p
			say(e, server, model.KindCapability, p, "opcua.security_policy")
			if p != none {
				e.Encrypted()
			}
		}
	case "MSG":
		if x.Final == 'F' && (d.policy == none || d.policy == "") {
			id, c := Service(x.Body)
			d.service(e, dir, id, c)
		}
	}
	return size, dissect.More
}

// Gap goes on with the next chunk.
func (d *dissector) Gap(dissect.Emitter, dissect.Direction, int) dissect.Verdict { return dissect.More }

func say(e dissect.Emitter, who model.Endpoint, kind model.Kind, v, source string) {
	e.Observe(dissect.Claim{Subject: dissect.About(who), Kind: kind, Value: v, Source: source})
}

// host is the URL without its path, which people choose.
func host(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

func (d *dissector) service(e dissect.Emitter, dir dissect.Direction, id uint32, c wire.Cursor) {
	who := e.Flow().Sender(dir)
	switch id {
	case FindServersResponse:
		responseHeader(&c)
		for range list(&c) {
			if a := application(&c); c.OK() {
				described(e, who, &a)
			}
		}
	case GetEndpointsResponse:
		responseHeader(&c)
		offers(e, who, endpoints(&c))
	case CreateSessionRequest:
		requestHeader(&c)
		if a := application(&c); c.OK() {
			identity(e, who, &a)
		}
	case CreateSessionResponse:
		responseHeader(&c)
		nodeID(&c)
		nodeID(&c)
		c.Skip(8)
		text(&c) // nonce
		text(&c) // certificate
		offers(e, who, endpoints(&c))
	case RegisterServerRequest, RegisterServer2Request:
		requestHeader(&c)
		a := Application{URI: text(&c), Product: text(&c)}
		if c.OK() {
			identity(e, who, &a)
		}
	case ActivateSessionRequest:
		if t, ok := activation(&c); ok {
			session(e, &t)
		}
	}
}

// described claims an application for who lists it iff its URLs do not lead elsewhere: a
// discovery server lists others.
func described(e dissect.Emitter, who model.Endpoint, a *Application) {
	for _, raw := range a.URLs {
		u, err := url.Parse(raw)
		if err != nil {
			return
		}
		if addr, err := model.ParseAddr(u.Hostname()); err == nil && addr != who.Addr {
			return
		}
	}
	identity(e, who, a)
}

func identity(e dissect.Emitter, who model.Endpoint, a *Application) {
	say(e, who, model.KindIdentifier, a.URI, "opcua.application_uri")
	say(e, who, model.KindSoftware, a.Product, "opcua.product_uri")
	if a.Type == 3 {
		say(e, who, model.KindRole, "OPC UA discovery server", "opcua.application_type")
	}
}

func offers(e dissect.Emitter, server model.Endpoint, list []Endpoint) {
	modes := [...]string{"", "none", "sign", "sign and encrypt"}
	for i := range list {
		x := &list[i]
		identity(e, server, &x.Server)
		say(e, server, model.KindServiceOffered, host(x.URL), "opcua.endpoint")
		say(e, server, model.KindCapability, x.Policy, "opcua.security_policy")
		if int(x.Mode) < len(modes) && x.Mode > 0 {
			say(e, server, model.KindCapability, "security mode "+modes[x.Mode], "opcua.security_mode")
		}
	}
}

// session reports a session that is activated over a channel without security.
func session(e dissect.Emitter, t *Token) {
	w := dissect.Weakness{Version: 1, Subject: e.Flow().Responder, Peer: e.Flow().Initiator}
	w.Type, w.Rule, w.Detail, w.Evidence = model.FindingCleartextProtocol, "opcua.security_none", "session over security policy None", "opcua.activate_session"
	e.Report(w)
	switch {
	case t.Kind == anonymousToken || t.Kind == 0:
		w.Type, w.Rule, w.Detail = model.FindingAnonymousAccess, "opcua.anonymous", "anonymous identity token"
		e.Report(w)
	case t.Kind == userNameToken && !t.Encrypted:
		w.Type, w.Rule, w.Detail = model.FindingCleartextCredential, "opcua.user_name", "user name token with readable password"
		e.Report(w)
	}
	e.Operate(model.VerbLogin, tokens[t.Kind], model.ResultUnset, 1)
}

var tokens = map[uint32]string{0: "anonymous", anonymousToken: "anonymous", userNameToken: "user-name", certificateToken: "certificate"}
