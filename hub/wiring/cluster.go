package wiring

import (
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/wardscope/wardscope/hub/receive"
	"github.com/wardscope/wardscope/internal/mtls"
)

// WriteCluster writes what an external NATS server and this hub need to know of each other into a
// folder, and returns the part of the hub's configuration that names it.
func WriteCluster(cfg *Config, names []string, dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("find folder: %w", err)
	}
	a, err := mtls.OpenAuthority(filepath.Join(cfg.DataDir, authorityDir), "Wardscope", time.Now())
	if err != nil {
		return "", err
	}
	c, err := receive.NewCluster(a, names, time.Now())
	if err != nil {
		return "", err
	}
	text, err := c.ServerText(dir)
	if err != nil {
		return "", err
	}
	var errs []error
	for name, data := range map[string][]byte{
		"server.conf": []byte(text), "server.pem": c.Server.CertPEM, "server-key.pem": c.Server.KeyPEM,
		"hub.pem": c.Hub.CertPEM, "hub-key.pem": c.Hub.KeyPEM, "ca.pem": a.PEM(),
	} {
		errs = append(errs, mtls.WriteFile(filepath.Join(dir, name), data, 0o600))
	}
	if err := errors.Join(errs...); err != nil {
		return "", err
	}
	x := ExternalConfig{
		URL: "tls://" + names[0] + ":4222", CA: filepath.Join(dir, "ca.pem"), Certificate: filepath.Join(dir, "hub.pem"), Key: filepath.Join(dir, "hub-key.pem"),
		HubPassword: c.External.HubPassword, SysPassword: c.External.SysPassword, IssuerSeed: c.External.IssuerSeed, ExchangeSeed: c.External.XKeySeed,
		SensorURL: "tls://" + names[0] + ":4222", WebSocketURL: "wss://" + names[0] + ":443", Replicas: 1,
	}
	out, err := yaml.Marshal(map[string]any{"nats": map[string]any{"external": x}})
	if err != nil {
		return "", fmt.Errorf("write configuration: %w", err)
	}
	return string(out), nil
}
