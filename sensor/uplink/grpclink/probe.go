package grpclink

import (
	"context"
	"fmt"
	"net"
	"time"

	uplinkv1 "github.com/wardscope/wardscope/proto/wardscope/uplink/v1"
	"github.com/wardscope/wardscope/sensor/uplink/dial"
)

// Probe goes the way to the hub as a Link does, up to the admission, and leaves again. Errors are
// *dial.Fault.
func Probe(ctx context.Context, cfg Config) (dial.Reach, error) {
	begin := time.Now()
	if err := cfg.Validate(); err != nil {
		return dial.Reach{}, &dial.Fault{Name: "configuration", Text: err.Error(), Remedy: "correct hub.grpc and hub.proxy", Cause: err}
	}
	address, err := cfg.address()
	if err != nil {
		return dial.Reach{}, &dial.Fault{Name: "configuration", Text: err.Error(), Remedy: "correct hub.grpc", Cause: err}
	}
	reach := dial.Reach{Address: address}
	tlsConfig, err := cfg.TLS.Load(begin)
	if err != nil {
		return reach, &dial.Fault{Name: "certificate", Text: err.Error(), Remedy: "enrol the sensor again, or correct hub.certificate, hub.key and hub.ca", Cause: err}
	}
	conn, err := cfg.dialer().Connect(ctx, address)
	if err != nil {
		return reach, err
	}
	defer func() { _ = conn.Close() }() // the probe is over
	if deadline, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(deadline) // a closed connection says so by itself
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return reach, err
	}
	tlsConfig.NextProtos = []string{"h2"}
	secure, err := dial.Handshake(ctx, conn, tlsConfig, host, cfg.TLS.Cert)
	if err != nil {
		return reach, err
	}
	if got := secure.ConnectionState().NegotiatedProtocol; got != "h2" {
		return reach, &dial.Fault{
			Name: "protocol", Text: fmt.Sprintf("%s answers, but does not speak HTTP/2", address),
			Remedy: "see that hub.grpc names the hub's gRPC listener for sensors (grpc.listen of the hub)",
		}
	}
	err = admitted(ctx, cfg)
	reach.Took = time.Since(begin)
	if err != nil {
		return reach, dial.NotTaken(address, plain(err))
	}
	return reach, nil
}

// admitted opens a stream as a Link would.
func admitted(ctx context.Context, cfg Config) error {
	conn, err := cfg.client()
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // the probe is over
	d, err := connect(ctx, cfg, uplinkv1.NewUplinkServiceClient(conn))
	if err != nil {
		return err
	}
	d.cancel()
	return nil
}
