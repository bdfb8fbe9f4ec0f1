package dissect

import (
	"strings"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

// Credential is an account and its secret as they were seen in clear. Neither leaves: Login turns
// them into findings that name a class of account and, at most, the id of a known default.
type Credential struct {
	Service  string // names the rules and the table of defaults, e.g. "ftp"
	User     string
	Password string
	Server   model.Endpoint
	Client   model.Endpoint
	Evidence string // "protocol.field"
}

// MatchDefault looks up whether user and password are a published default of a service. The id
// names the default without telling it.
type MatchDefault func(service, user, password string) (id string, ok bool)

// login makes the findings of a credential: anonymous access, or a credential in clear and, if it
// is one, that it is a known default or easily guessed.
func (e *emitter) login(c Credential, match MatchDefault) {
	w := Weakness{Version: 1, Subject: c.Server, Peer: c.Client, Evidence: c.Evidence}
	class := accountClass(c.User)
	id, published := "", false
	if match != nil {
		id, published = match(c.Service, c.User, c.Password)
	}
	if published && strings.EqualFold(c.User, "guest") { // a broker's default account, which may do what any may
		class = classOther
	}
	if class == classAnonymous {
		w.Type, w.Rule, w.Detail = model.FindingAnonymousAccess, wire.Join(c.Service, ".anonymous"), class
		e.Report(w)
		return
	}
	w.Type, w.Rule, w.Detail = model.FindingCleartextCredential, wire.Join(c.Service, ".credential"), class
	e.Report(w)
	if published {
		w.Type, w.Rule, w.Detail = model.FindingDefaultCredential, wire.Join(c.Service, ".default_credential"), id
		e.Report(w)
		return
	}
	if c.Password == "" || c.Password == c.User {
		w.Type, w.Rule = model.FindingWeakCredential, wire.Join(c.Service, ".weak_credential")
		w.Detail = class + ", secret equals the account name"
		if c.Password == "" {
			w.Detail = class + ", empty secret"
		}
		e.Report(w)
	}
}

// The classes of accounts; the only thing about an account that leaves.
const (
	classAnonymous     = "anonymous account"
	classAdministrator = "administrator account"
	classOther         = "other account"
)

func accountClass(user string) string {
	switch strings.ToLower(user) {
	case "anonymous", "ftp", "guest":
		return classAnonymous
	case "admin", "administrator", "root", "sa", "sysadmin", "supervisor", "superuser":
		return classAdministrator
	}
	return classOther
}

// Cleartext reports that a service speaks in clear: the responder has to be fixed. The rule is
// "service.cleartext".
func Cleartext(e Emitter, service, evidence string) {
	f := e.Flow()
	e.Report(Weakness{Type: model.FindingCleartextProtocol, Rule: wire.Join(service, ".cleartext"), Version: 1,
		Subject: f.Responder, Peer: f.Initiator, Evidence: evidence})
}
