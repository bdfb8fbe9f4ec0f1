package wiring

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/wardscope/wardscope/hub/access"
	"github.com/wardscope/wardscope/hub/api"
	"github.com/wardscope/wardscope/hub/exposure"
	"github.com/wardscope/wardscope/hub/exposure/geo"
	"github.com/wardscope/wardscope/hub/ingest"
)

// service is the API with what only it needs.
type service struct {
	server *api.Server
	geo    *geo.Table
}

func newService(h *Hub, config *tls.Config, version string) (*service, error) {
	places, err := geo.Open(geo.Folder(h.cfg.Geo))
	if err != nil {
		return nil, err
	}
	s := &service{geo: places}
	ratings, err := exposure.LoadRatings()
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	var door http.Handler
	if h.door == nil {
		door = h.enrol
	}
	s.server, err = api.New(api.Config{TLS: config}, api.Deps{
		Store: h.store, Keeper: h.keeper, State: h.state, Fleet: h.fleet, Geo: places, Ratings: ratings, Version: version, Now: time.Now, Log: h.log,
		Guard:   access.New(access.Deps{Tokens: h.state, Now: time.Now}),
		Library: h.library, Rules: h.ownRules, RulesDir: h.cfg.ownRules(), Advisories: h.library.advisories.Load, Pending: h.pending, Ready: h.health.Ready, Reports: h.desk.Reports, Diagnose: h.answerDiagnose, Rollouts: h.rollouts,
		Again: h.ingest.Again, Unreadable: func(err error) bool { return errors.Is(err, ingest.ErrUnreadable) },
		Enrol: door,
	})
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *service) run(ctx context.Context, listener net.Listener) error {
	return s.server.Run(ctx, listener)
}

func (s *service) close() error { return s.geo.Close() }

// pending counts batches that the stream holds and ingest has not stored since this hub started.
func (h *Hub) pending(context.Context) (uint64, error) {
	var total uint64
	for _, s := range h.ingest.Status() {
		total += s.Pending
	}
	return total, nil
}
