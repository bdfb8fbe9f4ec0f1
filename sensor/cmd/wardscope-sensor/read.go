package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/wardscope/wardscope/sensor/capture/pcapfile"
	"github.com/wardscope/wardscope/sensor/pipeline"
)

func newRead() *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "read FILE...",
		Short: "Read captures and print what was seen as JSON lines",
		Long: `Read pcap and pcapng files, also gzip or zstd compressed, "-" for standard input, and print one
JSON object a line: {"flow":…}, {"observation":…}, {"finding":…}, {"loss":…}, last {"stats":…}.
A damaged file gets one line on standard error and exit code 1; what was read before the damage
is printed all the same.`,
		Example: `  wardscope-sensor read capture.pcapng | jq 'select(.finding)'
  zcat big.pcap.gz | wardscope-sensor read -`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, files []string) error {
			if output != "jsonl" {
				return fmt.Errorf("--output %q is not known: use jsonl", output)
			}
			return readFiles(cmd, files)
		},
	}
	cmd.Flags().StringVar(&output, "output", "jsonl", "form of the output: jsonl")
	return cmd
}

func readFiles(cmd *cobra.Command, files []string) (err error) {
	src := pcapfile.New(1, files...)
	defer func() { err = errors.Join(err, src.Close()) }()
	out := bufio.NewWriter(os.Stdout)
	err = pipeline.Read(cmd.Context(), pipeline.DefaultConfig(), src, out)
	if flushErr := out.Flush(); flushErr != nil {
		err = errors.Join(err, flushErr)
	}
	if errors.Is(err, syscall.EPIPE) {
		return nil // the reader has seen enough
	}
	if err != nil {
		return &codedError{code: exitDamaged, err: err}
	}
	return nil
}
