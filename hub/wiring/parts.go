package wiring

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"go.yaml.in/yaml/v3"

	"github.com/wardscope/wardscope/hub/receive"
	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/internal/mtls"
)

// store is the store's part of the configuration.
func (c *Config) store() store.Config {
	s := store.DefaultConfig()
	s.MaxMemory, s.Retention = uint64(c.Store.MaxMemory), store.Retention(c.Store.Retention)
	if c.Store.DSN != "" {
		s.DSN, s.Cluster = c.Store.DSN, c.Store.Cluster
		return s
	}
	s.DataDir, s.Library = filepath.Join(c.DataDir, engineDir), c.Store.Library
	return s
}

// receive is the transport's part of the configuration.
func (c *Config) receive() receive.Config {
	r := receive.DefaultConfig()
	r.Dir, r.Listen, r.Names, r.MaxBytes = filepath.Join(c.DataDir, natsDir), c.NATS.Listen, c.Names, int64(c.NATS.MaxBytes)
	r.WebSocket = c.NATS.WebSocket
	if x := c.NATS.External; x.URL != "" {
		r.Replicas = x.Replicas
		r.External = &receive.External{
			URL: x.URL, TLS: mtls.Files{Cert: x.Certificate, Key: x.Key, CA: x.CA}, HubPassword: x.HubPassword, SysPassword: x.SysPassword,
			IssuerSeed: x.IssuerSeed, XKeySeed: x.ExchangeSeed, SensorURL: x.SensorURL, WebURL: x.WebSocketURL,
		}
	}
	return r
}

// declareSites replaces the declaration of sites by that of a file, unless they are equal.
func (h *Hub) declareSites(ctx context.Context, file string) error {
	raw, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read sites: %w", err)
	}
	var doc state.Sites
	if err := yaml.Unmarshal(raw, &doc); err != nil {
		return fmt.Errorf("read sites %s: %w", file, err)
	}
	if err := doc.Validate(); err != nil {
		return fmt.Errorf("sites %s: %w", file, err)
	}
	now, err := h.state.Sites(ctx)
	if err != nil {
		return err
	}
	if _, err := h.state.PutSites(ctx, doc, now.Revision); err != nil {
		return fmt.Errorf("declare sites: %w", err)
	}
	return nil
}
