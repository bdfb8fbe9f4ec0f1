package receive

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
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

// Enforce cuts the connections of every sensor that may have lost its admission, whichever hub
// took it away, until the context ends, and then returns nil. One that is still admitted logs in again.
func (r *Receiver) Enforce(ctx context.Context, admit Admitter) error {
	var cutting sync.WaitGroup // at most one a sensor that is withdrawn within some seconds
	defer cutting.Wait()
	return admit.Withdrawn(ctx, func(id model.SensorID) {
		cutting.Go(func() {
			n, err := r.Kick(ctx, id)
			switch {
			case ctx.Err() != nil:
			case err != nil:
				r.deps.Log.Error("sensor not cut", slog.String("sensor", string(id)), slog.Any("error", err))
			case n > 0:
				r.deps.Log.Info("sensor cut", slog.String("sensor", string(id)), slog.Int("connections", n))
			}
		})
	})
}

func (r *Receiver) kick(ctx context.Context, id model.SensorID) (n int, err error) {
	err = r.connections(ctx, id, func(c connections) error {
		for _, x := range c.Data.Connections {
			request, err := json.Marshal(map[string]uint64{"cid": x.CID})
			if err != nil {
				return err
			}
			if _, err := r.sys.RequestWithContext(ctx, subject.Kick(c.Server.ID), request); err != nil {
				return err
			}
			n++
		}
		return nil
	})
	if err != nil {
		return n, fmt.Errorf("cut sensor %s: %w", id, err)
	}
	return n, nil
}

// connections asks every server for the sensor's connections, and hands each answer to fn.
func (r *Receiver) connections(ctx context.Context, id model.SensorID, fn func(connections) error) error {
	request, err := json.Marshal(map[string]any{"auth": true, "user": string(id)})
	if err != nil {
		return err
	}
	inbox := nats.NewInbox()
	sub, err := r.sys.SubscribeSync(inbox)
	if err != nil {
		return err
	}
	defer func() { _ = sub.Unsubscribe() }()
	if err := r.sys.PublishRequest(subject.Connections, inbox, request); err != nil {
		return err
	}
	gap := callTimeout
	for answered := false; ; answered, gap = true, answerGap {
		soon, cancel := context.WithTimeout(ctx, gap)
		msg, err := sub.NextMsgWithContext(soon)
		cancel()
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil && answered:
			return nil
		case err != nil:
			return err
		}
		var c connections
		if err := json.Unmarshal(msg.Data, &c); err != nil {
			return err
		}
		if err := fn(c); err != nil {
			return err
		}
	}
}
