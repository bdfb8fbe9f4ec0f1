package wiring

import (
	"errors"
	"net"
	"time"

	"github.com/wardscope/wardscope/hub/inventory/pack"
	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/internal/config"
	"github.com/wardscope/wardscope/internal/mtls"
)

// Config is the hub's configuration file. The zero value is not useful: begin with DefaultConfig.
type Config struct {
	DataDir string        `yaml:"data_dir"`
	Listen  string        `yaml:"listen"` // gRPC, REST and OpenAPI, TLS
	Names   []string      `yaml:"names"`  // host names and addresses by which sensors and people reach the hub
	NATS    NATSConfig    `yaml:"nats"`
	GRPC    GRPCConfig    `yaml:"grpc"`
	Store   StoreConfig   `yaml:"store"`
	Metrics MetricsConfig `yaml:"metrics"`
	Geo     string        `yaml:"geo"`   // folder with country.mmdb and asn.csv; empty searches the cache
	Sites   string        `yaml:"sites"` // file that replaces the declaration of sites at start; empty leaves it to the API
	Log     LogConfig     `yaml:"log"`

	Knowledge KnowledgeConfig `yaml:"knowledge"`
	Enrolment EnrolmentConfig `yaml:"enrolment"`
	Authority AuthorityConfig `yaml:"authority"`
}

// EnrolmentConfig says where sensors without a certificate come in, and for how long the ones that
// they get are good. Sensors renew theirs after two thirds of that.
type EnrolmentConfig struct {
	Listen          string        `yaml:"listen"` // empty: where the API answers
	CertificateLife time.Duration `yaml:"certificate_life"`
}

// Bounds of a certificate's life: a sensor needs the time to renew it, and one that is stolen
// unnoticed shall not serve for years.
const (
	minCertificateLife = 10 * time.Second
	maxCertificateLife = 398 * 24 * time.Hour
)

// NATSConfig says where sensors come in: the embedded server, or a cluster by URL.
type NATSConfig struct {
	Listen    string         `yaml:"listen"`
	WebSocket string         `yaml:"websocket"` // the same over WebSocket; empty: none
	MaxBytes  config.Bytes   `yaml:"max_bytes"` // ceiling of the stream; when full, sensors keep their batches
	External  ExternalConfig `yaml:"external"`
}

// GRPCConfig says where sensors come in whose network lets no NATS through; empty: nowhere.
type GRPCConfig struct {
	Listen string `yaml:"listen"`
}

// ExternalConfig names a NATS cluster. Secrets come from the environment or from files.
type ExternalConfig struct {
	URL          string `yaml:"url"`
	CA           string `yaml:"ca"`
	Certificate  string `yaml:"certificate"`
	Key          string `yaml:"key"`
	HubPassword  string `yaml:"hub_password"`
	SysPassword  string `yaml:"sys_password"`
	IssuerSeed   string `yaml:"issuer_seed"`
	ExchangeSeed string `yaml:"exchange_seed"`
	SensorURL    string `yaml:"sensor_url"`
	WebSocketURL string `yaml:"websocket_url"`
	Replicas     int    `yaml:"replicas"`
}

// StoreConfig says where ClickHouse runs: in this process, or a server by DSN.
type StoreConfig struct {
	DSN       string          `yaml:"dsn"`
	Cluster   string          `yaml:"cluster"`
	Library   string          `yaml:"library"`
	MaxMemory config.Bytes    `yaml:"max_memory"`
	Retention RetentionConfig `yaml:"retention"`
}

// RetentionConfig says for how many days after receipt events are kept.
type RetentionConfig struct {
	Flows        int `yaml:"flows"`
	Edges        int `yaml:"edges"`
	Observations int `yaml:"observations"`
	Findings     int `yaml:"findings"`
}

// MetricsConfig says where /metrics, /healthz and /readyz answer; TLS unless on loopback.
type MetricsConfig struct {
	Listen string `yaml:"listen"`
}

// LogConfig says what is logged and how.
type LogConfig struct {
	Level string `yaml:"level"`
	JSON  bool   `yaml:"json"`
}

// DefaultConfig is everything on this machine, on loopback.
func DefaultConfig() *Config {
	return &Config{
		DataDir: "wardscope-data", Listen: "127.0.0.1:8443", NATS: NATSConfig{Listen: "127.0.0.1:4222", MaxBytes: 4 << 30, External: ExternalConfig{Replicas: 3}},
		Store: StoreConfig{MaxMemory: 4 << 30, Retention: RetentionConfig(store.DefaultConfig().Retention)}, Metrics: MetricsConfig{Listen: "127.0.0.1:9090"}, Log: LogConfig{Level: "info"},
		Enrolment: EnrolmentConfig{CertificateLife: mtls.ClientLife},
	}
}

// HeapLimit is how much memory, in bytes, the parts in Go try to get by with: half of the engine's, and 1 GiB at
// least, which a large inventory fills. Whoever has read many messages from the stream leaves blocks of it behind,
// and these are let go only under a limit.
func (c *Config) HeapLimit() int64 { return max(int64(c.Store.MaxMemory)/2, 1<<30) }

// Validate reports all faults at once.
func (c *Config) Validate() error {
	var errs []error
	if _, err := pack.ParseTrust(c.Knowledge.Trust); err != nil {
		errs = append(errs, err)
	}
	if c.DataDir == "" {
		errs = append(errs, config.Field("data_dir", c.DataDir, "a folder"))
	}
	for key, address := range map[string]string{"listen": c.Listen, "nats.listen": c.NATS.Listen, "metrics.listen": c.Metrics.Listen, "nats.websocket": c.NATS.WebSocket, "grpc.listen": c.GRPC.Listen, "enrolment.listen": c.Enrolment.Listen} {
		if address == "" && (key == "nats.websocket" || key == "grpc.listen" || key == "enrolment.listen") {
			continue
		}
		if _, _, err := net.SplitHostPort(address); err != nil {
			errs = append(errs, config.Field(key, address, "host:port, such as 127.0.0.1:8443"))
		}
	}
	if life := c.Enrolment.CertificateLife; life < minCertificateLife || life > maxCertificateLife {
		errs = append(errs, config.Field("enrolment.certificate_life", life, "10s to 9552h, such as 720h for 30 days"))
	}
	if c.NATS.MaxBytes < 64<<20 {
		errs = append(errs, config.Field("nats.max_bytes", int64(c.NATS.MaxBytes), "at least 64MiB"))
	}
	if c.Store.MaxMemory < 512<<20 {
		errs = append(errs, config.Field("store.max_memory", int64(c.Store.MaxMemory), "at least 512MiB"))
	}
	if err := store.Retention(c.Store.Retention).Validate(); err != nil {
		errs = append(errs, err)
	}
	switch c.Log.Level {
	case "debug", "info", "warn", "error":
	default:
		errs = append(errs, config.Field("log.level", c.Log.Level, "debug, info, warn or error"))
	}
	return errors.Join(errs...)
}
