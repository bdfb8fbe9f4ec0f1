package wiring

import (
	"context"
	"net"
	"time"

	"github.com/wardscope/wardscope/hub/fleet"
	"github.com/wardscope/wardscope/hub/receive/gateway"
)

// openGateway opens the way in over gRPC, when the configuration has one.
func (h *Hub) openGateway(ctx context.Context) error {
	if h.cfg.GRPC.Listen == "" {
		return nil
	}
	host, _, err := net.SplitHostPort(h.cfg.GRPC.Listen)
	if err != nil {
		return portError("sensors over gRPC", "grpc.listen", h.cfg.GRPC.Listen, err)
	}
	config, err := h.receiver.SensorTLS(host)
	if err != nil {
		return err
	}
	h.gateway, err = gateway.New(gateway.DefaultConfig(), gateway.Deps{
		TLS: config, Publisher: h.receiver.JetStream(), Admit: h.roll, Report: h.desk.Answer, Log: h.log, Now: time.Now,
	})
	if err != nil {
		return err
	}
	if h.uplinks, err = new(net.ListenConfig).Listen(ctx, "tcp", h.cfg.GRPC.Listen); err != nil {
		return portError("sensors over gRPC", "grpc.listen", h.cfg.GRPC.Listen, err)
	}
	return nil
}

func (h *Hub) runGateway(ctx context.Context) error {
	if h.gateway == nil {
		return nil
	}
	return h.gateway.Run(ctx, h.uplinks)
}

// ways are those by which sensors reach this hub, beside NATS over TLS.
func (h *Hub) ways() fleet.Ways {
	w := fleet.Ways{WebSocket: h.receiver.WebURL()}
	if h.uplinks != nil {
		w.GRPC = "grpc://" + h.receiver.Advertised(h.uplinks.Addr().String())
	}
	return w
}
