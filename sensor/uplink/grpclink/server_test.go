package grpclink_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/status"

	"github.com/wardscope/wardscope/internal/mtls"
	uplinkv1 "github.com/wardscope/wardscope/proto/wardscope/uplink/v1"
)

// action is what the hub of a test does with a batch.
type action int

const (
	accept     action = iota
	full              // refuse as a full stream does
	silent            // store it and lose the answer
	disconnect        // store it and end the stream
	elsewhere         // answer for a batch that was never sent
)

// server is a hub as far as a sensor sees one. The real one belongs to the hub's module; both meet
// in internal/e2e.
type server struct {
	uplinkv1.UnimplementedUplinkServiceServer
	address string
	decide  func(n int) action
	admit   error
	grpc    *grpc.Server

	mu     sync.Mutex
	n      int
	stored map[string]int // times each batch arrived to be stored
}

func newServer(t *testing.T, a *mtls.Authority, decide func(int) action) *server {
	t.Helper()
	p, err := a.Server([]string{"127.0.0.1", "hub.test"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	cert, err := p.TLS()
	if err != nil {
		t.Fatal(err)
	}
	s := &server{decide: decide, stored: map[string]int{}}
	s.start(t, mtls.Server(cert, a.Pool()), "127.0.0.1:0")
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
		if what != full && what != elsewhere {
			s.stored[fmt.Sprintf("%d/%d", r.GetEpoch(), r.GetSequence())]++
		}
		s.mu.Unlock()
		answer := &uplinkv1.DeliverResponse{Epoch: r.GetEpoch(), Sequence: r.GetSequence(), Outcome: uplinkv1.Outcome_OUTCOME_STORED}
		switch what {
		case full:
			answer.Outcome, answer.Reason = uplinkv1.Outcome_OUTCOME_FULL, "maximum bytes exceeded"
		case silent:
			continue
		case disconnect:
			return status.Error(codes.Unavailable, "going away")
		case elsewhere:
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

// files writes a sensor's certificate.
func files(t *testing.T, a *mtls.Authority, id mtls.Identity) mtls.Files {
	t.Helper()
	p, err := a.Client(id, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	f := mtls.Files{Cert: filepath.Join(dir, "cert.pem"), Key: filepath.Join(dir, "key.pem"), CA: filepath.Join(dir, "ca.pem")}
	for name, data := range map[string][]byte{f.Cert: p.CertPEM, f.Key: p.KeyPEM, f.CA: a.PEM()} {
		if err := mtls.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return f
}
