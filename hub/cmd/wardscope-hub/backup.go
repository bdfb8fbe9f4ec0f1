package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/wardscope/wardscope/hub/wiring"
)

func newBackup() *cobra.Command {
	var from source
	var to string
	cmd := &cobra.Command{
		Use:   "backup --to FILE|FOLDER",
		Short: "Write everything that the hub must not lose into one file, while it runs",
		Long: `Write the database, what was declared, the certificate authority, ingest's journal and the batches that
wait to be stored into one file. The hub goes on taking batches from sensors and answering; storing them
pauses until the database is copied. The file holds the authority's key: keep it as safe as the hub itself.
A stopped hub is backed up too.`,
		Example: `  wardscope-hub backup --data-dir /var/lib/wardscope --to /backup/
  wardscope-hub backup --config /etc/wardscope/hub.yaml --to /backup/monday.tar`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if to == "" {
				return usageError{errors.New("--to is missing: name a file, or a folder to write a dated file into")}
			}
			cfg, err := from.load()
			if err != nil {
				return err
			}
			r, err := wiring.Backup(cmd.Context(), cfg, to, version, logger(cfg))
			if err != nil {
				return err
			}
			how := "the hub was stopped"
			if r.Running {
				how = fmt.Sprintf("storing paused for %v", r.Manifest.Paused.Round(time.Millisecond))
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: %.1f MiB, %d batches stored, %d waiting; %s\n", r.Path, float64(r.Bytes)/(1<<20), r.Manifest.Rows["batches"], r.Manifest.Batches, how)
			return err
		},
	}
	from.flags(cmd)
	cmd.Flags().StringVar(&to, "to", "", "file, or folder for a file named by the time")
	return cmd
}

func newRestore() *cobra.Command {
	var from source
	var file string
	cmd := &cobra.Command{
		Use:   "restore --from FILE",
		Short: "Make a hub of a backup, in an empty data directory",
		Long: `Make a hub of a backup: every table is proven to have as many rows as the backup counted. The data
directory must be empty, and stays so when anything is wrong. Sensors go on where they are, since they find the same authority.
Batches that the old hub acknowledged after the backup are gone with it; the ledger lists their numbers as missing.`,
		Example: "  wardscope-hub restore --from /backup/monday.tar --data-dir /var/lib/wardscope-new",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if file == "" {
				return usageError{errors.New("--from is missing: name the file that `wardscope-hub backup` wrote")}
			}
			cfg, err := from.load()
			if err != nil {
				return err
			}
			m, err := wiring.Restore(cmd.Context(), cfg, file, logger(cfg))
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "restored the state of %s to %s: %d flows, %d observations, %d findings of %d batches, equal to the backup's counts; %d batches wait to be stored\n",
				m.Made.Format(time.RFC3339), cfg.DataDir, m.Rows["flows"], m.Rows["observations"], m.Rows["findings"], m.Rows["batches"], m.Batches)
			return err
		},
	}
	from.flags(cmd)
	cmd.Flags().StringVar(&file, "from", "", "file that `wardscope-hub backup` wrote")
	return cmd
}
