package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/wardscope/wardscope/hub/wiring"
	"github.com/wardscope/wardscope/internal/config"
	"github.com/wardscope/wardscope/internal/telemetry"
)

const envPrefix = "WARDSCOPE_HUB"

// source is where a command takes its configuration from.
type source struct{ file, dataDir string }

func (s *source) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&s.file, "config", "", "configuration file; without one everything runs on this machine, on loopback")
	cmd.Flags().StringVar(&s.dataDir, "data-dir", "", "data directory (default wardscope-data)")
}

func (s *source) load() (*wiring.Config, error) {
	cfg := wiring.DefaultConfig()
	if err := config.Load(s.file, envPrefix, os.Environ(), cfg); err != nil {
		return nil, usageError{err}
	}
	if s.dataDir != "" {
		cfg.DataDir = s.dataDir
	}
	return cfg, nil
}

func logger(cfg *wiring.Config) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(cfg.Log.Level)); err != nil {
		level = slog.LevelInfo // Validate has refused everything else
	}
	return telemetry.Logger(os.Stderr, level, cfg.Log.JSON)
}

func newServe() *cobra.Command {
	var from source
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the hub until stopped",
		Long: `Run the hub: NATS for the sensors, ClickHouse in this process, ingest, inventory, API. At its first
start it makes its certificate authority and prints the administrator's token, that once.`,
		Example: `  wardscope-hub serve --data-dir /var/lib/wardscope
  wardscope-hub serve --config /etc/wardscope/hub.yaml`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			cfg, err := from.load()
			if err != nil {
				return err
			}
			if os.Getenv("GOMEMLIMIT") == "" {
				debug.SetMemoryLimit(cfg.HeapLimit())
			}
			log := logger(cfg)
			hub, err := wiring.Open(cmd.Context(), cfg, version, log)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, hub.Close()) }()
			if token := hub.NewToken(); token != "" {
				fmt.Fprintf(cmd.OutOrStdout(), "The administrator's token, shown this once:\n\n  wardscope login --hub %s --ca %s --token %s\n\n", hub.Address(), hub.AuthorityFile(), token)
			}
			log.Info("hub started", slog.String("api", hub.Address()), slog.String("sensors", hub.SensorURL()), slog.String("data", cfg.DataDir), slog.String("version", version))
			return hub.Run(cmd.Context())
		},
	}
	from.flags(cmd)
	return cmd
}

func newMigrate() *cobra.Command {
	var from source
	cmd := &cobra.Command{
		Use: "migrate", Short: "Bring the tables of a stopped hub to this version", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := from.load()
			if err != nil {
				return err
			}
			if err := wiring.Migrate(cmd.Context(), cfg); err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), "tables are up to date")
			return err
		},
	}
	from.flags(cmd)
	return cmd
}

func newConfig() *cobra.Command {
	var from source
	cmd := &cobra.Command{Use: "config", Short: "Show the configuration"}
	show := &cobra.Command{
		Use: "print", Short: "Print the effective configuration: defaults, file and environment", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := from.load()
			if err != nil {
				return err
			}
			shown := *cfg
			hide(&shown.NATS.External.HubPassword, &shown.NATS.External.SysPassword, &shown.NATS.External.IssuerSeed, &shown.NATS.External.ExchangeSeed)
			text, err := config.Print(&shown)
			if err == nil {
				_, err = fmt.Fprint(cmd.OutOrStdout(), text)
			}
			return err
		},
	}
	from.flags(show)
	cmd.AddCommand(show)
	return cmd
}

// hide keeps secrets out of what people paste.
func hide(secrets ...*string) {
	for _, s := range secrets {
		if *s != "" {
			*s = "(set)"
		}
	}
}
