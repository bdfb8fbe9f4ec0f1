package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wardscope/wardscope/sensor/capture/hospital"
)

func newSimulate() *cobra.Command {
	var scenario, site, dir string
	var seed uint64
	var packets int
	cmd := &cobra.Command{
		Use:   "simulate --scenario NAME|FILE --site SITE --out DIR",
		Short: "Write generated hospital traffic as a capture, with its ground truth beside it",
		Long: "Write DIR/SITE.pcap and DIR/SITE.truth.json from a seed: the same seed gives the same bytes.\nBuilt-in scenarios: " +
			strings.Join(hospital.Names(), ", ") + ".",
		Example: `  wardscope-sensor simulate --scenario demo --site north --out captures/
  wardscope-sensor simulate --scenario mix --packets 1500000 --out captures/`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := hospital.Load(scenario)
			if err != nil {
				return err
			}
			if packets > 0 {
				s.Packets = packets
			}
			if seed == 0 {
				seed = s.Seed
			}
			sites := []string{site}
			if site == "" {
				sites = s.SiteIDs()
			}
			if s.Load != "" {
				sites = []string{s.Load}
			}
			return simulate(cmd, s, sites, seed, dir)
		},
	}
	f := cmd.Flags()
	f.StringVar(&scenario, "scenario", "demo", "built-in scenario or YAML file")
	f.StringVar(&site, "site", "", "site of the scenario; empty writes all")
	f.StringVar(&dir, "out", ".", "folder to write to")
	f.Uint64Var(&seed, "seed", 0, "seed; 0 takes the scenario's")
	f.IntVar(&packets, "packets", 0, "packets of a reference load (mix, flows); 0 takes the scenario's")
	return cmd
}

func simulate(cmd *cobra.Command, s hospital.Scenario, sites []string, seed uint64, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make folder for captures: %w", err)
	}
	for _, site := range sites {
		generator, err := hospital.New(s, site, seed)
		if err != nil {
			return err
		}
		file := filepath.Join(dir, site+".pcap")
		if err := writeCapture(file, generator); err != nil {
			return err
		}
		truth, err := json.MarshalIndent(generator.Truth(), "", "  ")
		if err != nil {
			return fmt.Errorf("render truth: %w", err)
		}
		if err := os.WriteFile(filepath.Join(dir, site+".truth.json"), append(truth, '\n'), 0o644); err != nil {
			return fmt.Errorf("write truth: %w", err)
		}
		fmt.Fprintf(cmd.OutOrStdout(), "wrote %s and its truth\n", file)
	}
	return nil
}

func writeCapture(file string, generator *hospital.Generator) (err error) {
	out, err := os.Create(file)
	if err != nil {
		return fmt.Errorf("write capture: %w", err)
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	return generator.WritePcap(out)
}
