package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/wardscope/wardscope/hub/wiring"
)

func newDemo() *cobra.Command {
	cfg := wiring.DemoConfig{Version: version}
	cmd := &cobra.Command{
		Use:   "demo [--capture FILE]...",
		Short: "Show a hub with three simulated hospital sites, or with your own captures",
		Example: `  wardscope-hub demo
  wardscope-hub demo --capture a.pcap --capture b.pcapng`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if cfg.Sensor, err = sibling("wardscope-sensor"); err != nil {
				return err
			}
			if cfg.CLI, err = sibling("wardscope"); err != nil {
				return err
			}
			cfg.Out = cmd.OutOrStdout()
			return wiring.Demo(cmd.Context(), cfg)
		},
	}
	f := cmd.Flags()
	f.StringArrayVar(&cfg.Captures, "capture", nil, "capture file to show instead of the simulated sites; may be repeated")
	f.StringVar(&cfg.Dir, "data-dir", "", "folder to keep everything in (default: one that is removed at the end)")
	f.BoolVar(&cfg.Once, "once", false, "end after the summary")
	return cmd
}

// sibling finds another program of Wardscope: beside this one, else on the path.
func sibling(name string) (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find own program: %w", err)
	}
	beside := filepath.Join(filepath.Dir(self), name)
	if _, err := os.Stat(beside); err == nil {
		return beside, nil
	}
	path, err := exec.LookPath(name)
	if errors.Is(err, exec.ErrNotFound) {
		return "", fmt.Errorf("%s is neither beside this program nor on the path: run `make build`", name)
	}
	return path, err
}
