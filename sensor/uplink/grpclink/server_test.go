package grpclink_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"sync"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/status"

	"github.com/wardscope/wardscope/internal/mtls"
	uplinkv1 "github.com/wardscope/wardscope/proto/wardscope/uplink/v1"

	"github.com/wardscope/wardscope/sensor/uplink/linktest"
)

// server is a hub as far as a sensor sees one. The real one belongs to the hub's module; both meet
// in internal/e2e.
type server struct {
	uplinkv1.UnimplementedUplinkServiceServer
	address string
	decide  func(n int) linktest.Action
	admit   error
	grpc    *grpc.Server

	mu     sync.Mutex
	n      int
	stored map[string]int // times each batch arrived to be stored
}

func newServer(t *testing.T, a *mtls.Authority, decide func(int) linktest.Action) *server {
	t.Helper()
	s := &server{decide: decide, stored: map[string]int{}}
	s.start(t, linktest.HubTLS(t, a), "127.0.0.1:0")
	return s
}

func (s *server) start(t *testing.T, cfg *tls.Config, address string) {
	t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	s.address = l.Addr().String()
	s.grpc = grpc.NewServer(grpc.Creds(credentials.NewTLS(cfg)), grpc.MaxRecvMsgSize(2<<20))
	uplinkv1.RegisterUplinkServiceServer(s.grpc, s)
	done := make(chan error, 1)
	go func() { done <- s.grpc.Serve(l) }()
	t.Cleanup(func() {
		s.grpc.Stop()
		if err := <-done; err != nil && !errors.Is(err, grpc.ErrServerStopped) {
			t.Error(err)
		}
	})
}

func (s *server) Deliver(stream grpc.BidiStreamingServer[uplinkv1.DeliverRequest, uplinkv1.DeliverResponse]) error {
	if s.admit != nil {
		return s.admit
	}
	if err := stream.SendHeader(nil); err != nil {
		return err
	}
	for {
		r, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		s.mu.Lock()
		s.n++
		what := s.decide(s.n)
		if what != linktest.Full && what != linktest.Elsewhere {
			s.stored[fmt.Sprintf("%d/%d", r.GetEpoch(), r.GetSequence())]++
		}
		s.mu.Unlock()
		answer := &uplinkv1.DeliverResponse{Epoch: r.GetEpoch(), Sequence: r.GetSequence(), Outcome: uplinkv1.Outcome_OUTCOME_STORED}
		switch what {
		case linktest.Full:
			answer.Outcome, answer.Reason = uplinkv1.Outcome_OUTCOME_FULL, "maximum bytes exceeded"
		case linktest.Silent:
			continue
		case linktest.Disconnect:
			return status.Error(codes.Unavailable, "going away")
		case linktest.Elsewhere:
			answer.Epoch++
		}
		if err := stream.Send(answer); err != nil {
			return err
		}
	}
}

func (s *server) Report(_ context.Context, r *uplinkv1.ReportRequest) (*uplinkv1.ReportResponse, error) {
	if s.admit != nil {
		return nil, s.admit
	}
	return &uplinkv1.ReportResponse{Answer: &uplinkv1.Answer{Configuration: r.GetReport().GetEpoch() + 1}}, nil
}

func (s *server) got() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.stored)
}
