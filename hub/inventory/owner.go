package inventory

import (
	"github.com/wardscope/wardscope/hub/inventory/identity"
	"github.com/wardscope/wardscope/internal/model"
)

// owned is whose the last claim was: claims come by subject.
type owned struct {
	realm   model.Realm
	subject model.Subject
	end     identity.Endpoint
	draft   *draft // nil: nobody's
	known   bool
}

// ownerOf is whose a claim is; nil when it is no device's, or of one that was spoken of and never
// heard.
func (r *resolver) ownerOf(realm model.Realm, sub model.Subject, at int64) (identity.Endpoint, *draft) {
	if r.last.known && r.last.realm == realm && r.last.subject == sub {
		return r.last.end, r.last.draft
	}
	e, ok := r.seg.owner(realm, sub, at)
	var d *draft
	if ok && (e.Part == "" || r.drafts[e.Host()] != nil) {
		if d = r.drafts[e]; d == nil && e.Part != "" {
			d = r.draft(e)
		}
	}
	// Who of several had the address is a matter of time.
	r.last = owned{realm, sub, e, d, len(r.seg.holders[addrKey{realm, sub.Addr}]) < 2}
	return e, d
}
