package client

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

// Config says which hub to call, and as whom.
type Config struct {
	Address string // host:port; a leading https:// is taken off
	Token   string
	CAFile  string // PEM of the hub's CA; empty trusts the system's
}

// maxAnswer bounds an answer, bytes.
const maxAnswer = 64 << 20

// Client calls a hub.
type Client struct {
	Devices  hubv1.DeviceServiceClient
	Exposure hubv1.ExposureServiceClient
	Flows    hubv1.FlowServiceClient
	Sites    hubv1.SiteServiceClient
	Sensors  hubv1.SensorServiceClient
	Zones    hubv1.ZoneServiceClient
	Query    hubv1.QueryServiceClient
	System   hubv1.SystemServiceClient
	Audit    hubv1.AuditServiceClient

	Corrections hubv1.CorrectionServiceClient
	Registers   hubv1.RegisterServiceClient
	Fleet       hubv1.FleetServiceClient
	Knowledge   hubv1.KnowledgeServiceClient
	History     hubv1.HistoryServiceClient
	Needs       hubv1.NeedServiceClient
	Legacy      hubv1.LegacyServiceClient
	Rules       hubv1.RuleServiceClient
	Rollouts    hubv1.RolloutServiceClient

	conn *grpc.ClientConn
}

// Dial prepares a client. It connects with the first call, whose error says when the hub is not
// there.
func Dial(_ context.Context, cfg Config) (*Client, error) {
	address := strings.TrimSuffix(strings.TrimPrefix(cfg.Address, "https://"), "/")
	if address == "" {
		return nil, errors.New("dial hub: no address given")
	}
	conf := &tls.Config{MinVersion: tls.VersionTLS12}
	if cfg.CAFile != "" {
		pem, err := os.ReadFile(cfg.CAFile)
		if err != nil {
			return nil, fmt.Errorf("dial hub: read CA: %w", err)
		}
		conf.RootCAs = x509.NewCertPool()
		if !conf.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("dial hub: %s holds no certificate in PEM form", cfg.CAFile)
		}
	}
	conn, err := grpc.NewClient("passthrough:///"+address, grpc.WithTransportCredentials(credentials.NewTLS(conf)),
		grpc.WithPerRPCCredentials(bearer(cfg.Token)), grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxAnswer)))
	if err != nil {
		return nil, fmt.Errorf("dial hub %s: %w", address, err)
	}
	return &Client{
		Devices: hubv1.NewDeviceServiceClient(conn), Exposure: hubv1.NewExposureServiceClient(conn), Flows: hubv1.NewFlowServiceClient(conn),
		Sites: hubv1.NewSiteServiceClient(conn), Sensors: hubv1.NewSensorServiceClient(conn), Zones: hubv1.NewZoneServiceClient(conn),
		Query: hubv1.NewQueryServiceClient(conn), System: hubv1.NewSystemServiceClient(conn), Audit: hubv1.NewAuditServiceClient(conn), Corrections: hubv1.NewCorrectionServiceClient(conn),
		Registers: hubv1.NewRegisterServiceClient(conn), Fleet: hubv1.NewFleetServiceClient(conn), Knowledge: hubv1.NewKnowledgeServiceClient(conn),
		History: hubv1.NewHistoryServiceClient(conn), Needs: hubv1.NewNeedServiceClient(conn), Legacy: hubv1.NewLegacyServiceClient(conn), Rules: hubv1.NewRuleServiceClient(conn),
		Rollouts: hubv1.NewRolloutServiceClient(conn), conn: conn,
	}, nil
}

// Close ends the connection.
func (c *Client) Close() error {
	if err := c.conn.Close(); err != nil {
		return fmt.Errorf("close connection to hub: %w", err)
	}
	return nil
}

// bearer puts a token on each call, over TLS only.
type bearer string

func (b bearer) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	if b == "" {
		return nil, nil
	}
	return map[string]string{"authorization": "Bearer " + string(b)}, nil
}

func (bearer) RequireTransportSecurity() bool { return true }
