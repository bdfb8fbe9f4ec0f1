package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/wardscope/wardscope/hub/wiring"
)

func newNATS() *cobra.Command {
	var from source
	var out string
	var names []string
	cmd := &cobra.Command{
		Use:   "external-nats --name NAME… --out DIR",
		Short: "Write configuration, keys and certificates for a NATS server of your own",
		Long: `Write a folder that a nats-server runs with (accounts, certificate, login by the hub), and print the
part of the hub's configuration that names it. The printed part holds secrets: keep it as you keep the folder.
NAMES are host names or addresses by which hub and sensors reach the server; the first one is written into
what sensors get. Run again, it makes other keys: server and hub then both need the new ones.`,
		Example: `  wardscope-hub external-nats --data-dir /var/lib/wardscope --name nats.example.org --out nats/ > nats/hub.yaml
  nats-server -c nats/server.conf`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := from.load()
			if err != nil {
				return err
			}
			if len(names) == 0 || out == "" {
				return usageError{errors.New("external-nats: --name and --out are needed")}
			}
			if err := os.MkdirAll(out, 0o700); err != nil {
				return fmt.Errorf("make folder: %w", err)
			}
			text, err := wiring.WriteCluster(cfg, names, out)
			if err == nil {
				_, err = fmt.Fprint(cmd.OutOrStdout(), text)
			}
			return err
		},
	}
	from.flags(cmd)
	cmd.Flags().StringSliceVar(&names, "name", nil, "host name or address by which the server is reached; may be given again")
	cmd.Flags().StringVar(&out, "out", "", "folder to write into")
	return cmd
}
