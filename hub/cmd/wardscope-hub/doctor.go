package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/wardscope/wardscope/hub/doctor"
	"github.com/wardscope/wardscope/hub/wiring"
)

func newDoctor() *cobra.Command {
	var from source
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Say what is wrong with the hub and its sensors, with a remedy a line",
		Long: `Look at the data directory, the store, ingest, quarantine, certificates, sensors, clocks and knowledge, of a
running hub or of a stopped one. Exit 0: all is well, or works with a flaw. Exit 3: something has to be mended.`,
		Example: "  wardscope-hub doctor --data-dir /var/lib/wardscope",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := from.load()
			if err != nil {
				return err
			}
			checks, err := wiring.Doctor(cmd.Context(), cfg, version, logger(cfg))
			if err != nil {
				return err
			}
			faults := 0
			for _, c := range checks {
				if c.Level == doctor.Fault {
					faults++
				}
				if _, err := fmt.Fprintf(cmd.OutOrStdout(), "%-8s %-11s %s\n", c.Level, c.Topic, c.Text); err != nil {
					return err
				}
				if c.Remedy != "" {
					if _, err := fmt.Fprintf(cmd.OutOrStdout(), "%20s do: %s\n", "", c.Remedy); err != nil {
						return err
					}
				}
			}
			if faults > 0 {
				return fmt.Errorf("%d faults have to be mended", faults)
			}
			return nil
		},
	}
	from.flags(cmd)
	return cmd
}
