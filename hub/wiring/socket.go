package wiring

import (
	"context"
	"net/http"

	"github.com/wardscope/wardscope/hub/doctor"
	"github.com/wardscope/wardscope/hub/wiring/socket"
)

// local answers commands from the same machine until the context ends.
func (h *Hub) local(ctx context.Context) error {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /backup", h.answerBackup)
	mux.HandleFunc("GET /doctor", func(w http.ResponseWriter, r *http.Request) { reply(w, doctor.Judge(h.facts(r.Context())), nil) })
	return socket.Serve(ctx, h.cfg.DataDir, mux, h.log)
}

func reply(w http.ResponseWriter, v any, err error) { socket.Reply(w, v, err, ExitCode) }
