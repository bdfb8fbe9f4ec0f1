package receive

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/internal/subject"
)

// inFlight is how long a login that was decided before a denial may take to show up.
const inFlight = 2 * time.Second

// answerGap is how long servers of a cluster are waited for after the last answer.
const answerGap = 300 * time.Millisecond

type connections struct {
	Server struct {
		ID string `json:"id"`
	} `json:"server"`
	Data struct {
		Connections []struct {
			CID uint64 `json:"cid"`
		} `json:"connections"`
	} `json:"data"`
}

// Kick cuts a sensor's connections on all servers, twice, because a login may have been under way
// the first time. The caller denies the sensor before, or it comes back at once. It returns how
// many connections were cut.
func (r *Receiver) Kick(ctx context.Context, id model.SensorID) (int, error) {
	n, err := r.kick(ctx, id)
	if err != nil {
		return n, err
	}
	if err := wait(ctx, inFlight); err != nil {
		return n, err
	}
	again, err := r.kick(ctx, id)
	return n + again, err
}

func (r *Receiver) kick(ctx context.Context, id model.SensorID) (n int, err error) {
	servers, err := r.connections(ctx, id)
	if err != nil {
		return 0, fmt.Errorf("look for sensor %s: %w", id, err)
	}
	for _, s := range servers {
		for _, c := range s.Data.Connections {
			request, err := json.Marshal(map[string]uint64{"cid": c.CID})
			if err != nil {
				return n, fmt.Errorf("cut sensor %s: %w", id, err)
			}
			if _, err := r.sys.RequestWithContext(ctx, subject.Kick(s.Server.ID), request); err != nil {
				return n, fmt.Errorf("cut sensor %s: %w", id, err)
			}
			n++
		}
	}
	return n, nil
}

// connections asks every server for the sensor's connections.
func (r *Receiver) connections(ctx context.Context, id model.SensorID) (out []connections, err error) {
	request, err := json.Marshal(map[string]any{"auth": true, "user": string(id)})
	if err != nil {
		return nil, err
	}
	inbox := nats.NewInbox()
	sub, err := r.sys.SubscribeSync(inbox)
	if err != nil {
		return nil, err
	}
	defer func() { _ = sub.Unsubscribe() }()
	if err := r.sys.PublishRequest(subject.Connections, inbox, request); err != nil {
		return nil, err
	}
	for gap := callTimeout; ; gap = answerGap {
		msg, err := sub.NextMsg(gap)
		switch {
		case err != nil && len(out) > 0:
			return out, nil
		case err != nil:
			return nil, err
		case ctx.Err() != nil:
			return nil, ctx.Err()
		}
		var c connections
		if err := json.Unmarshal(msg.Data, &c); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
}
