package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/wardscope/wardscope/sensor/capture/pcapfile"
	"github.com/wardscope/wardscope/sensor/pipeline"
)

// reading is what the flags of read say.
type reading struct {
	output    string
	workers   int
	flowsOnly bool
	maxFlows  int
}

func newRead() *cobra.Command {
	var r reading
	cmd := &cobra.Command{
		Use:   "read FILE...",
		Short: "Read captures and print what was seen as JSON lines",
		Long: `Read pcap and pcapng files, also gzip or zstd compressed, "-" for standard input, and print one
JSON object a line: {"flow":…}, {"observation":…}, {"finding":…}, {"loss":…}, last {"stats":…}.
With --output summary, encode events as for a hub and print one object that counts them.
A damaged file gets one line on standard error and exit code 1; what was read before the damage
is printed all the same.`,
		Example: `  wardscope-sensor read capture.pcapng | jq 'select(.finding)'
  wardscope-sensor read --output summary --workers 2 big.pcap.zst
  zcat big.pcap.gz | wardscope-sensor read -`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, files []string) error {
			if r.output != "jsonl" && r.output != "summary" {
				return fmt.Errorf("--output %q is not known: use jsonl or summary", r.output)
			}
			if r.workers < 1 || r.workers > 64 {
				return fmt.Errorf("--workers %d is not in 1 to 64", r.workers)
			}
			return r.files(cmd, files)
		},
	}
	f := cmd.Flags()
	f.StringVar(&r.output, "output", "jsonl", "form of the output: jsonl or summary")
	f.IntVar(&r.workers, "workers", 1, "workers that share the packets by flow")
	f.BoolVar(&r.flowsOnly, "flows-only", false, "count flows, look into no payload")
	f.IntVar(&r.maxFlows, "max-flows", 0, "flows held at once by a worker; 0 takes the default of 1,048,576")
	return cmd
}

func (r *reading) files(cmd *cobra.Command, files []string) (err error) {
	cfg := pipeline.DefaultConfig()
	cfg.FlowsOnly, cfg.Workers = r.flowsOnly, r.workers
	if r.maxFlows > 0 {
		cfg.Track.MaxFlows = r.maxFlows
	}
	src := pcapfile.New(1, files...)
	defer func() { err = errors.Join(err, src.Close()) }()
	out := bufio.NewWriter(os.Stdout)
	if r.output == "summary" {
		err = summarize(cmd, cfg, src, out)
	} else {
		err = pipeline.Read(cmd.Context(), cfg, src, out)
	}
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

func summarize(cmd *cobra.Command, cfg pipeline.Config, src *pcapfile.Reader, out io.Writer) error {
	summary, err := pipeline.Summarize(cmd.Context(), cfg, src)
	text, renderErr := json.MarshalIndent(summary, "", "  ")
	if renderErr == nil {
		_, renderErr = out.Write(append(text, '\n'))
	}
	return errors.Join(err, renderErr)
}
