package tls

import (
	"slices"
	"strings"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
)

// remoteAccess are the names under which remote-access products reach their relays, as their makers
// publish them for firewalls: suffixes of the server name. Web sites of the makers are not among them.
var remoteAccess = []struct{ suffix, service, product string }{
	{".net.anydesk.com", "anydesk", "AnyDesk"},
	{"-relay.screenconnect.com", "screenconnect", "ScreenConnect"},
	{".logmein-gateway.com", "logmein", "LogMeIn"},
	{".logmein-enterprise.com", "logmein", "LogMeIn"},
	{".logmeinrescue-enterprise.com", "logmein", "LogMeIn Rescue"},
	{".bomgarcloud.com", "beyondtrust", "BeyondTrust Remote Support"},
	{".beyondtrustcloud.com", "beyondtrust", "BeyondTrust Remote Support"},
	{".relay.splashtop.com", "splashtop", "Splashtop"},
	{".services.vnc.com", "vnc", "RealVNC"},
}

// otherProducts are names below those that serve something else than remote access: password and privilege management,
// an interface for programs.
var otherProducts = []string{".ps.beyondtrustcloud.com", ".pm.beyondtrustcloud.com", "connect-api.services.vnc.com"}

// teamViewer are the first labels of TeamViewer's servers, which share the domain with its web site.
var teamViewer = []string{"router", "master", "ping", "client", "configdl", "relay"}

// remoteProduct names the remote-access product behind a server name.
func remoteProduct(name string) (service, product string, ok bool) {
	name = strings.ToLower(name)
	if host, found := strings.CutSuffix(name, ".teamviewer.com"); found {
		if slices.Contains(teamViewer, strings.TrimRight(host, "0123456789-")) {
			return "teamviewer", "TeamViewer", true
		}
	}
	for _, suffix := range otherProducts {
		if strings.HasSuffix(name, suffix) {
			return "", "", false
		}
	}
	for _, r := range remoteAccess {
		if strings.HasSuffix(name, r.suffix) && len(name) > len(r.suffix) {
			return r.service, r.product, true
		}
	}
	return "", "", false
}

// remoteIssuers are what the certificates of relays that no public authority signs say.
var remoteIssuers = []struct{ part, service, product string }{
	{"CN=AnyNet Root CA", "anydesk", "AnyDesk"},
	{"CN=AnyNet Relay", "anydesk", "AnyDesk"},
}

// remoteCertificate names the product whose relay shows a certificate.
func remoteCertificate(subject, issuer string) (service, product string, ok bool) {
	for _, r := range remoteIssuers {
		if strings.HasPrefix(subject, r.part) || strings.HasPrefix(issuer, r.part) {
			return r.service, r.product, true
		}
	}
	return "", "", false
}

// tellRemote notes that an end runs a remote-access product; the flow is that product's.
func tellRemote(e dissect.Emitter, client model.Endpoint, service, product, source string) {
	e.Service(service)
	e.Observe(dissect.Claim{Subject: dissect.About(client), Kind: model.KindRole, Value: "remote access client", Source: source})
	e.Observe(dissect.Claim{Subject: dissect.About(client), Kind: model.KindSoftware, Value: product, Source: source})
}
